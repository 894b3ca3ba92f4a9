using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// Entries that replace a TCP connection which is denied from now on. If the entry were only deleted, the kernel would
/// create a new one from the next packet (nf_conntrack_tcp_loose), also from one of the server. The server is often
/// allowed to connect back, so the connection would continue in the other direction.
/// </summary>
/// <remarks>
/// One entry for each direction, as if a SYN had been seen and no reply. A packet in the middle of a connection is
/// invalid to them, and a SYN is new, so all reach the fences. A reply would make them established: it is expected from
/// an address that no host has and that no pod can guess, since it contains the kernel's ID of the connection. They
/// expire when the connection would have.
/// </remarks>
internal static class ConntrackTombstones
{
    // 240.0.0.0/4 is reserved and not routed (RFC 1112); 100::/64 is discard-only (RFC 6666).
    private static readonly Cidr s_unusedV4 = Cidr.Parse("240.0.0.0/4");
    private static readonly Cidr s_unusedV6 = Cidr.Parse("100::/64");

    /// <summary>Whether an entry is a tombstone.</summary>
    internal static bool Include(in TrackedConnection connection) =>
        connection.TcpState == Ctnetlink.TcpState.SynSent
        && UnusedRange(connection.Reply.Source.Family).Contains(connection.Reply.Source);

    /// <summary>
    /// The tombstones of a connection; none where it cannot continue in the other direction: it is not TCP, is not
    /// established, or has NAT, so that the client would not recognise the packets.
    /// </summary>
    internal static IEnumerable<TrackedConnection> For(TrackedConnection connection) =>
        connection.TcpState > Ctnetlink.TcpState.SynSent && connection.Reply == connection.Original.Reversed
            ? [Tombstone(connection, connection.Original), Tombstone(connection, connection.Reply)]
            : [];

    private static TrackedConnection Tombstone(in TrackedConnection connection, in ConnectionTuple direction)
    {
        var family = direction.Source.Family;
        var unused = new IpAddress(family, UnusedRange(family).Network.Value + ((connection.Id ?? 0) & 0x0fff_ffff));
        return new TrackedConnection
        {
            Original = direction,
            Reply = direction.Reversed with { Source = unused },
            Zone = connection.Zone,
            Timeout = Math.Max(connection.Timeout, 1),
            TcpState = Ctnetlink.TcpState.SynSent,
        };
    }

    private static Cidr UnusedRange(IpFamily family) => family == IpFamily.IPv4 ? s_unusedV4 : s_unusedV6;
}
