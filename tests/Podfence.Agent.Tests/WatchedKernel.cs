using Microsoft.Extensions.Time.Testing;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>
/// The fake kernel, with a log of what is asked of it, and faults that last until they are taken away.
/// </summary>
internal sealed class WatchedKernel(FakeKernel fake, FakeTimeProvider time) : INftKernel
{
    /// <summary>What every transaction is refused with, or null.</summary>
    public volatile Exception? DenyAction;

    /// <summary>What every reading of the table fails with, or null.</summary>
    public volatile Exception? Unreadable;

    /// <summary>How long reading the table takes.</summary>
    public TimeSpan ReadCost { get; set; }

    /// <summary>When each transaction was tried.</summary>
    public List<DateTimeOffset> Tries { get; } = [];

    /// <summary>Transactions that were committed.</summary>
    public List<IReadOnlyList<NftOperation>> Committed { get; } = [];

    public int Reads { get; private set; }

    public void Run(IReadOnlyList<NftOperation> operations)
    {
        Tries.Add(time.GetUtcNow());
        if (DenyAction is { } refusal)
        {
            throw refusal;
        }

        fake.Run(operations);
        Committed.Add(operations);
    }

    public NftTable? Read()
    {
        Reads++;
        time.Advance(ReadCost);
        return Unreadable is { } fault ? throw fault : fake.Read();
    }

    public void WaitForPackets() => fake.WaitForPackets();

    public uint Generation() => fake.Generation();

    public void Dispose() => fake.Dispose();
}
