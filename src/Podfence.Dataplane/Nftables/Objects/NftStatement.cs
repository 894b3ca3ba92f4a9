using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// One part of a rule: a match or a verdict. Only what Podfence's rules need, so that encoding, printing, reading back
/// and simulating can each be complete.
/// </summary>
public abstract record NftStatement;

/// <summary><c>ct state established,related</c></summary>
public sealed record EstablishedMatch : NftStatement;

/// <summary>
/// <c>tcp flags &amp; (syn | ack) == syn</c>: the packet starts a connection, whatever its conntrack state.
/// </summary>
public sealed record TcpBeginMatch : NftStatement;

/// <summary><c>iif "lo"</c>: the packet never left the host.</summary>
public sealed record LoopbackMatch : NftStatement;

/// <summary>
/// Source or destination address in a named set: <c>ip saddr @set</c>. Like every match that reads an address it holds
/// only for packets of its family (in an inet table nft adds the <c>meta nfproto</c> match by itself; so does
/// Podfence).
/// </summary>
/// <param name="End">Which address.</param>
/// <param name="Family">Its family.</param>
/// <param name="Set">A set of addresses or ranges.</param>
public sealed record AddressMatch(PacketEnd End, IpFamily Family, string Set) : NftStatement;

/// <summary><c>ip saddr . ip daddr @set</c></summary>
/// <param name="Family">The family.</param>
/// <param name="Set">A set of address pairs.</param>
public sealed record AddressPairMatch(IpFamily Family, string Set) : NftStatement;

/// <summary><c>ip daddr . meta l4proto . th dport @set</c></summary>
/// <param name="Family">The family.</param>
/// <param name="Set">A set of endpoints.</param>
public sealed record EndpointMatch(IpFamily Family, string Set) : NftStatement;

/// <summary>
/// <c>ip saddr vmap @map</c>: the verdict that the map has for the address; without one the next rule is tried.
/// </summary>
/// <param name="End">Which address.</param>
/// <param name="Family">Its family.</param>
/// <param name="Map">A map from addresses to verdicts.</param>
public sealed record AddressVerdictMap(PacketEnd End, IpFamily Family, string Map) : NftStatement;

/// <summary><c>th dport . meta l4proto vmap @map</c></summary>
/// <param name="Map">A map from protocol and port range to verdicts.</param>
public sealed record PortVerdictMap(string Map) : NftStatement;

/// <summary>
/// <c>tcp dport 80</c>, <c>udp dport 5000-6000</c>, or <c>meta l4proto sctp</c> for a whole protocol.
/// </summary>
/// <param name="Ports">The range.</param>
public sealed record PortMatch(Rulesets.PortRange Ports) : NftStatement;

/// <summary><c>meta l4proto tcp</c> and other single protocols by IANA number.</summary>
/// <param name="Protocol">IANA protocol number.</param>
public sealed record L4ProtocolMatch(byte Protocol) : NftStatement;

/// <summary><c>icmp type T [icmp code C]</c> or the same of ICMPv6.</summary>
/// <param name="Family">ICMP for IPv4, ICMPv6 for IPv6.</param>
/// <param name="Type">The message type.</param>
/// <param name="Code">The code, or null for every code.</param>
public sealed record IcmpMatch(IpFamily Family, byte Type, byte? Code) : NftStatement;

/// <summary><c>accept</c>, <c>drop</c>, <c>return</c>, <c>jump chain</c>, <c>goto chain</c></summary>
/// <param name="Verdict">The verdict.</param>
public sealed record VerdictStatement(NftVerdict Verdict) : NftStatement;

/// <summary><c>reject with tcp reset</c> or <c>reject with icmpx port-unreachable</c></summary>
/// <param name="TcpReset">Which of the two; a reset needs a TCP match before it.</param>
public sealed record RejectStatement(bool TcpReset) : NftStatement;

/// <summary>A statement that Podfence never writes, found on reading back.</summary>
/// <param name="Description">What is known of it.</param>
public sealed record ForeignStatement(string Description) : NftStatement;

/// <summary>Which address of a packet.</summary>
public enum PacketEnd : byte
{
    /// <summary>saddr.</summary>
    Source,

    /// <summary>daddr.</summary>
    Destination,
}
