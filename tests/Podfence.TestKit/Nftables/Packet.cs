using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>The first packet of a connection, or of what ICMP has in its place.</summary>
/// <param name="Source">Source address, as the filter sees it: before SNAT.</param>
/// <param name="Destination">Destination address of the same family: after DNAT.</param>
/// <param name="Protocol">IANA protocol number.</param>
/// <param name="DestinationPort">For TCP, UDP and SCTP.</param>
/// <param name="IcmpType">For ICMP and ICMPv6.</param>
/// <param name="IcmpCode">For ICMP and ICMPv6.</param>
public readonly record struct Packet(
    IpAddress Source,
    IpAddress Destination,
    byte Protocol,
    ushort DestinationPort = 0,
    byte IcmpType = 0,
    byte IcmpCode = 0
)
{
    /// <summary>Whether it came from the host itself, over its loopback interface.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>
    /// Whether connection tracking takes it for part of a connection that it remembers. In fact it starts another on
    /// the same addresses and ports: ten seconds after a reset by the server that is how Linux sees it.
    /// </summary>
    public bool IsTracked { get; init; }

    /// <summary>A connection's first packet.</summary>
    public static Packet Of(IpAddress source, IpAddress destination, Protocol protocol, int port) =>
        new(source, destination, (byte)protocol, (ushort)port);

    /// <summary>An ICMP or ICMPv6 message.</summary>
    public static Packet Icmp(IpAddress source, IpAddress destination, byte type, byte code = 0) =>
        new(source, destination, source.Family == IpFamily.IPv4 ? IcmpV4 : IcmpV6, 0, type, code);

    internal const byte IcmpV4 = 1;
    internal const byte IcmpV6 = 58;

    internal bool HasPorts => Enum.IsDefined((Protocol)Protocol);
}

/// <summary>The verdict on a packet.</summary>
public enum PacketVerdict : byte
{
    /// <summary>Accepted.</summary>
    Accepted,

    /// <summary>Rejected with a TCP reset.</summary>
    Reset,

    /// <summary>Rejected with ICMP port unreachable.</summary>
    Unreachable,

    /// <summary>Dropped silently.</summary>
    Dropped,
}

/// <summary>A rule that a packet matched on its way.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Comment">
/// The comment of the rule, followed by that of the map's element where the rule looked a verdict up.
/// </param>
/// <param name="Verdict">What the rule said, as nft writes it.</param>
public readonly record struct PathStep(string Chain, string Comment, string Verdict)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"{Chain}: {Comment}: {Verdict}";
}

/// <summary>The verdict on a packet at one hook, and why.</summary>
/// <param name="Verdict">The outcome.</param>
/// <param name="Path">The rules that matched, in order; empty where no rule is of this packet's business.</param>
public sealed record PacketResult(PacketVerdict Verdict, IReadOnlyList<PathStep> Path)
{
    /// <summary>Whether it passes.</summary>
    public bool Passes => Verdict == PacketVerdict.Accepted;
}
