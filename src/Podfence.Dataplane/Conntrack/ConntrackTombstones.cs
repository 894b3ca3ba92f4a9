using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// What is put in the place of a TCP connection that is refused from now on. Where an entry was only taken away, the kernel makes a new one of whatever packet comes next
/// (nf_conntrack_tcp_loose), also of one of the end that was called, which may well be free to call back: the connection would go on the other way round.
/// </summary>
/// <remarks>
/// One entry for each direction, as if a SYN had been seen and no answer. A packet in the middle of a connection is invalid to them, and a SYN is new, so all come to the fences. An answer would
/// make them established: it is expected from an address that nobody has, and that no pod can guess, since the kernel's number of the connection is in it.
/// They end when the connection would have been forgotten.
/// </remarks>
internal static class ConntrackTombstones
{
    // 240.0.0.0/4 is reserved for what will not come any more (RFC 1112), 100::/64 is thrown away wherever it comes (RFC 6666).
    private static readonly Cidr s_nowhereV4 = Cidr.Parse("240.0.0.0/4");
    private static readonly Cidr s_nowhereV6 = Cidr.Parse("100::/64");

    /// <summary>Whether an entry is one of these.</summary>
    internal static bool Include(in TrackedConnection connection) =>
        connection.TcpState == Ctnetlink.TcpState.SynSent && Nowhere(connection.Reply.Source.Family).Contains(connection.Reply.Source);

    /// <summary>
    /// Those for a connection; none where it cannot go on the other way round: it is not TCP, has not begun, or is translated, so that the caller would not know who speaks.
    /// </summary>
    internal static IEnumerable<TrackedConnection> For(TrackedConnection connection) =>
        connection.TcpState > Ctnetlink.TcpState.SynSent && connection.Reply == connection.Original.Reversed
            ? [StandIn(connection, connection.Original), StandIn(connection, connection.Reply)]
            : [];

    private static TrackedConnection StandIn(in TrackedConnection connection, in ConnectionTuple direction)
    {
        var family = direction.Source.Family;
        var nobody = new IpAddress(family, Nowhere(family).Network.Value + ((connection.Id ?? 0) & 0x0fff_ffff));
        return new TrackedConnection
        {
            Original = direction,
            Reply = direction.Reversed with { Source = nobody },
            Zone = connection.Zone,
            Timeout = Math.Max(connection.Timeout, 1),
            TcpState = Ctnetlink.TcpState.SynSent,
        };
    }

    private static Cidr Nowhere(IpFamily family) => family == IpFamily.IPv4 ? s_nowhereV4 : s_nowhereV6;
}
