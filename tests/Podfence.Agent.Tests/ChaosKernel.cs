using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>
/// A kernel that refuses now and then, loses answers, cannot be read, and that another program meddles with at the
/// worst moments; until it is calm.
/// </summary>
internal sealed class ChaosKernel(FakeKernel fake, Random random, bool meddles) : INftKernel
{
    public volatile bool IsCalm;
    private int _looksInCalm;

    /// <summary>How often the generation was asked for since it is calm.</summary>
    public int LooksInCalm => Volatile.Read(ref _looksInCalm);

    public void Run(IReadOnlyList<NftOperation> operations)
    {
        Meddle();
        switch (IsCalm ? 100 : random.Next(20))
        {
            case < 3:
                fake.FailNext(Failure(), random.Next(operations.Count + 1));
                fake.Run(operations);
                break;
            case 3:
                fake.Run(operations);
                throw new DataplaneException(DataplaneFailure.NoMemory, "the answer is lost");
            default:
                fake.Run(operations);
                break;
        }
    }

    public NftTable? Read()
    {
        var table = fake.Read();
        Meddle();
        return !IsCalm && random.Next(10) == 0 ? throw Failure() : table;
    }

    public void WaitForPackets() => fake.WaitForPackets();

    public uint Generation()
    {
        if (IsCalm)
        {
            Interlocked.Increment(ref _looksInCalm);
        }

        Meddle();
        return !IsCalm && random.Next(20) == 0 ? throw Failure() : fake.Generation();
    }

    public void Dispose() => fake.Dispose();

    private DataplaneException Failure() =>
        new((DataplaneFailure)random.Next(Enum.GetValues<DataplaneFailure>().Length), "chance");

    private void Meddle()
    {
        if (IsCalm || !meddles || random.Next(6) != 0)
        {
            return;
        }

        if (fake.Read() is not { } table)
        {
            return;
        }

        var chain = table.Chains.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(table.Chains.Count));
        var set = table
            .Sets.Values.OrderBy(static content => content.Set.Name, StringComparer.Ordinal)
            .ElementAt(random.Next(table.Sets.Count));
        switch (random.Next(5))
        {
            case 0:
                fake.Tamper(new DeleteTable());
                break;
            case 1:
                fake.Tamper(new FlushChain(chain));
                break;
            case 2 when set.Elements.Count > 0:
                fake.Tamper(new DeleteElements(set.Set, [set.Elements.First()]));
                break;
            case 3 when !table.Chains.ContainsKey("stranger"):
                fake.Tamper(new AddChain(new NftChain("stranger", null, [])));
                break;
            default:
                fake.TouchForeignTable();
                break;
        }
    }
}
