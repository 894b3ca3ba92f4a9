using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>An entry of the conntrack table.</summary>
public readonly record struct TrackedConnection
{
    /// <summary>The first packet as it was sent, before DNAT.</summary>
    public required ConnectionTuple Original { get; init; }

    /// <summary>The replies as they are sent: their source is where the first packet really went.</summary>
    public required ConnectionTuple Reply { get; init; }

    /// <summary>Its status bits.</summary>
    public ConnectionStatus Status { get; init; }

    /// <summary>The zone of both directions; 0 by default.</summary>
    public ushort Zone { get; init; }

    /// <summary>Seconds until it expires if no packet arrives.</summary>
    public uint Timeout { get; init; }

    /// <summary>The kernel's ID, if known: a later connection with the same addresses and ports has another.</summary>
    internal uint? Id { get; init; }

    /// <summary>The kernel's number for the state of a TCP connection; null for other protocols.</summary>
    internal byte? TcpState { get; init; }

    /// <summary>
    /// Whether an address is that of the client, of the destination it addressed, or of the server that replies. The
    /// destination of replies is not compared: it differs from the client only where a node applies SNAT.
    /// </summary>
    public bool Touches(IReadOnlySet<IpAddress> addresses) =>
        addresses.Contains(Original.Source)
        || addresses.Contains(Original.Destination)
        || addresses.Contains(Reply.Source);
}

/// <summary><c>enum ip_conntrack_status</c>; bits that are not named here may be set.</summary>
[Flags]
public enum ConnectionStatus : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>
    /// Expected by a conntrack helper, such as the data connections of FTP: RELATED to the packet filter.
    /// </summary>
    Expected = 1 << 0,

    /// <summary>A reply was seen.</summary>
    SeenReply = 1 << 1,

    /// <summary>Not evicted early when the table is full.</summary>
    Assured = 1 << 2,

    /// <summary>Its first packet has left the host.</summary>
    Confirmed = 1 << 3,

    /// <summary>SNAT applies.</summary>
    SourceNat = 1 << 4,

    /// <summary>DNAT applies.</summary>
    DestinationNat = 1 << 5,
}
