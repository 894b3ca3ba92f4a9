using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>An entry of the kernel's connection tracking.</summary>
public readonly record struct TrackedConnection
{
    /// <summary>The first packet as it was sent, before any translation of its destination.</summary>
    public required ConnectionTuple Original { get; init; }

    /// <summary>The answers as they are sent: their source is where the first packet really went.</summary>
    public required ConnectionTuple Reply { get; init; }

    /// <summary>What has become of it.</summary>
    public ConnectionStatus Status { get; init; }

    /// <summary>The zone of both directions; 0 by default.</summary>
    public ushort Zone { get; init; }

    /// <summary>How long it is kept if no packet comes, in seconds.</summary>
    public uint Timeout { get; init; }

    /// <summary>The kernel's number for it, where it is known: another connection of the same addresses and ports has another.</summary>
    internal uint? Id { get; init; }

    /// <summary>The kernel's number for the state of a TCP connection; null for other protocols.</summary>
    internal byte? TcpState { get; init; }

    /// <summary>
    /// Whether an address is that of who called, of whom was called, or of who answers. The answers' destination is not asked: it differs from the caller
    /// only where a node hides it behind an address of its own.
    /// </summary>
    public bool Touches(IReadOnlySet<IpAddress> addresses) =>
        addresses.Contains(Original.Source) || addresses.Contains(Original.Destination) || addresses.Contains(Reply.Source);
}

/// <summary>What has become of a connection: <c>enum ip_conntrack_status</c>; bits that are not named here may be set.</summary>
[Flags]
public enum ConnectionStatus : uint
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>Another connection foretold it, as FTP does its data connections: the packet filter calls it related.</summary>
    Expected = 1 << 0,

    /// <summary>There was an answer.</summary>
    SeenReply = 1 << 1,

    /// <summary>Not thrown away early when the table is full.</summary>
    Assured = 1 << 2,

    /// <summary>Its first packet has left.</summary>
    Confirmed = 1 << 3,

    /// <summary>Its source is translated.</summary>
    SourceNat = 1 << 4,

    /// <summary>Its destination is translated.</summary>
    DestinationNat = 1 << 5,
}
