using System.Globalization;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Prints single statements in nft's language.</summary>
internal static class NftStatementText
{
    internal static string Of(NftStatement statement) =>
        statement switch
        {
            EstablishedMatch => "ct state established,related",
            TcpBeginMatch => "tcp flags & (syn | ack) == syn",
            LoopbackMatch => "iif \"lo\"",
            AddressMatch match => $"{Ip(match.Family)} {End(match.End)} @{match.Set}",
            AddressPairMatch match => $"{Ip(match.Family)} saddr . {Ip(match.Family)} daddr @{match.Set}",
            EndpointMatch match => $"{Ip(match.Family)} daddr . meta l4proto . th dport @{match.Set}",
            AddressVerdictMap map => $"{Ip(map.Family)} {End(map.End)} vmap @{map.Map}",
            PortVerdictMap map => $"th dport . meta l4proto vmap @{map.Map}",
            PortMatch { Ports.IsWholeProtocol: true } match => $"meta l4proto {Of(match.Ports.Protocol)}",
            PortMatch match => $"{Of(match.Ports.Protocol)} dport {Ports(match.Ports)}",
            L4ProtocolMatch match => $"meta l4proto {Protocol(match.Protocol)}",
            IcmpMatch match => Icmp(match),
            VerdictStatement verdict => verdict.Verdict.ToString(),
            RejectStatement { TcpReset: true } => "reject with tcp reset",
            RejectStatement => "reject with icmpx port-unreachable",
            ForeignStatement foreign => $"# foreign: {foreign.Description}",
            _ => throw new ArgumentException(
                $"{statement.GetType().Name} is not a supported statement",
                nameof(statement)
            ),
        };

    internal static string Of(Protocol protocol) => Protocol((byte)protocol);

    internal static string Ports(PortRange ports) =>
        ports.First == ports.Last
            ? ports.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{ports.First}-{ports.Last}");

    /// <summary>A block where the range is one, as people write it.</summary>
    internal static string Of(IpRange range)
    {
        if (range.First == range.Last)
        {
            return range.First.ToString();
        }

        var hostBits = (int)UInt128.PopCount(range.First.Value ^ range.Last.Value);
        var block = new Cidr(range.First, range.Family.Bits() - hostBits);
        return block.Network == range.First && block.Last == range.Last ? block.ToString() : range.ToString();
    }

    private static string Icmp(IcmpMatch match)
    {
        var name = match.Family == IpFamily.IPv4 ? "icmp" : "icmpv6";
        return match.Code is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"{name} type {match.Type} {name} code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"{name} type {match.Type}");
    }

    private static string Ip(IpFamily family) => family == IpFamily.IPv4 ? "ip" : "ip6";

    private static string End(PacketEnd end) => end == PacketEnd.Source ? "saddr" : "daddr";

    private static string Protocol(byte protocol) =>
        protocol switch
        {
            (byte)Model.Protocol.Tcp => "tcp",
            (byte)Model.Protocol.Udp => "udp",
            (byte)Model.Protocol.Sctp => "sctp",
            _ => protocol.ToString(CultureInfo.InvariantCulture),
        };
}
