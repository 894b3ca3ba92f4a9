using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>The connections that the kernel knows, in one network namespace. Used by one thread at a time.</summary>
public interface IConnectionTable : IDisposable
{
    /// <summary>
    /// Makes ready to look at every connection, of all zones, that touches one of the addresses (<see cref="TrackedConnection.Touches"/>), and to do with it what is decided.
    /// One sweep at a time: it ends when <see cref="IConnectionSweep.Continue"/> says so or throws.
    /// </summary>
    /// <param name="addresses">Not to be changed until the end.</param>
    /// <param name="decide">Asked for each connection, some of them more than once.</param>
    IConnectionSweep Sweep(IReadOnlySet<IpAddress> addresses, Func<TrackedConnection, SweepAction> decide);

    /// <summary>Whether an address is this node's own, on whatever device.</summary>
    /// <exception cref="DataplaneException">The kernel did not answer.</exception>
    bool IsOfThisNode(IpAddress address);
}

/// <summary>A way through the table, in pieces as long as the caller likes.</summary>
public interface IConnectionSweep
{
    /// <summary>Connections that the kernel handed over so far.</summary>
    long Read { get; }

    /// <summary>Connections that are gone by it so far.</summary>
    long Removed { get; }

    /// <summary>Goes on.</summary>
    /// <param name="isOver">Asked often: whether the time is up.</param>
    /// <returns>Whether all is done.</returns>
    /// <exception cref="DataplaneException">The kernel refused. The sweep is at its end; another one may begin.</exception>
    bool Continue(Func<bool> isOver);
}

/// <summary>What becomes of a connection.</summary>
public enum SweepAction
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>It is forgotten: the next packet, from whichever end, is that of a new connection.</summary>
    Remove,

    /// <summary>Like <see cref="Remove"/>, and nothing that its ends send is taken for an answer: a TCP connection does not go on the other way round.</summary>
    Refuse,
}
