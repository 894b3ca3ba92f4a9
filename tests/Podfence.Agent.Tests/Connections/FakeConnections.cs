using Microsoft.Extensions.Time.Testing;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>Connections in memory. Looking at one takes as long as is said, and the kernel may refuse.</summary>
internal sealed class FakeConnections(FakeTimeProvider time) : IConnectionTable
{
    public List<TrackedConnection> All { get; } = [];

    /// <summary>What has been removed because it is denied now.</summary>
    public List<TrackedConnection> Cut { get; } = [];

    /// <summary>Addresses of this node that no object names.</summary>
    public HashSet<IpAddress> Own { get; } = [];

    public TimeSpan Cost { get; set; }

    public DataplaneException? DenyAction { get; set; }

    /// <summary>When each sweep began, and which addresses it was for.</summary>
    public List<(DateTimeOffset Begin, IReadOnlySet<IpAddress> Addresses)> Sweeps { get; } = [];

    public IConnectionSweep Sweep(IReadOnlySet<IpAddress> addresses, Func<TrackedConnection, SweepAction> decide)
    {
        Sweeps.Add((time.GetUtcNow(), addresses));
        return new Way(this, addresses, decide);
    }

    public bool IsLocal(IpAddress address) => Own.Contains(address);

    public void Dispose() { }

    private sealed class Way(
        FakeConnections table,
        IReadOnlySet<IpAddress> addresses,
        Func<TrackedConnection, SweepAction> decide
    ) : IConnectionSweep
    {
        private readonly Queue<TrackedConnection> _left = new(table.All);

        public long Read { get; private set; }

        public long Removed { get; private set; }

        public bool Continue(Func<bool> isOver)
        {
            while (!isOver())
            {
                if (table.DenyAction is { } refusal)
                {
                    throw refusal;
                }

                if (!_left.TryDequeue(out var connection))
                {
                    return true;
                }

                table.Advance();
                Read++;
                if (
                    connection.Touches(addresses)
                    && decide(connection) is var fate and not SweepAction.Keep
                    && table.All.Remove(connection)
                )
                {
                    Removed++;
                    if (fate == SweepAction.Terminate)
                    {
                        table.Cut.Add(connection);
                    }
                }
            }

            return false;
        }
    }

    private void Advance() => time.Advance(Cost);
}
