using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>The conntrack table of one network namespace. Used by one thread at a time.</summary>
public interface IConnectionTable : IDisposable
{
    /// <summary>
    /// Prepares a sweep over every connection, of all zones, that touches one of the addresses
    /// (<see cref="TrackedConnection.Touches"/>). One sweep at a time: it ends when
    /// <see cref="IConnectionSweep.Continue"/> returns true or throws.
    /// </summary>
    /// <param name="addresses">Must not change until the sweep ends.</param>
    /// <param name="decide">Called for each connection, for some more than once.</param>
    IConnectionSweep Sweep(IReadOnlySet<IpAddress> addresses, Func<TrackedConnection, SweepAction> decide);

    /// <summary>Whether an address is on any device of this node.</summary>
    /// <exception cref="DataplaneException">The kernel did not respond.</exception>
    bool IsLocal(IpAddress address);
}

/// <summary>A pass over the table, in slices as long as the caller chooses.</summary>
public interface IConnectionSweep
{
    /// <summary>Connections read so far.</summary>
    long Read { get; }

    /// <summary>Connections deleted so far.</summary>
    long Removed { get; }

    /// <summary>Continues the sweep.</summary>
    /// <param name="isOver">Whether the slice of time is used up; called often.</param>
    /// <returns>Whether the sweep is complete.</returns>
    /// <exception cref="DataplaneException">
    /// The kernel reported an error. The sweep has ended; another one may start.
    /// </exception>
    bool Continue(Func<bool> isOver);
}

/// <summary>How a sweep handles a connection.</summary>
public enum SweepAction
{
    /// <summary>The entry stays.</summary>
    Keep,

    /// <summary>The entry is deleted: the next packet, of either end, is that of a new connection.</summary>
    Remove,

    /// <summary>
    /// Like <see cref="Remove"/>, and tombstones keep a TCP connection from continuing in the other direction.
    /// </summary>
    Terminate,
}
