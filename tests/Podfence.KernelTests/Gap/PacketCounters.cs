using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>
/// Counts the packets of watched flows where they arrive: after every filter, before any socket. What a sender sees is
/// not enough, as a packet may get through whose reply does not.
/// </summary>
internal sealed partial class PacketCounters
{
    private const string Table = "arrivals";

    private readonly List<(WatchedFlow Flow, ProbeEndpoint From, ProbeEndpoint To)> _flows;

    private PacketCounters(List<(WatchedFlow Flow, ProbeEndpoint From, ProbeEndpoint To)> flows) => _flows = flows;

    public static PacketCounters Place(LabNetwork network, IEnumerable<WatchedFlow> flows)
    {
        var counters = new PacketCounters([
            .. flows.Select(watched =>
                (
                    watched,
                    EndpointResolver.Resolve(network, watched.Flow.From, watched.Flow.Family),
                    EndpointResolver.Resolve(network, watched.Flow.To, watched.Flow.Family)
                )
            ),
        ]);
        foreach (var here in counters._flows.GroupBy(static flow => flow.To.Namespace))
        {
            var text = new StringBuilder(
                $"table inet {Table} {{\n chain in {{\n type filter hook input priority 300; policy accept;\n"
            );
            foreach (var flow in here)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  {Match(flow)} counter comment \"{counters._flows.IndexOf(flow)}\"\n"
                );
            }

            Tools.Run(here.Key, "nft", ["-f", "-"], text.Append(" }\n}\n").ToString());
        }

        return counters;
    }

    /// <summary>Packets that have arrived, by flow.</summary>
    public IReadOnlyDictionary<WatchedFlow, long> Read()
    {
        var packets = new Dictionary<WatchedFlow, long>();
        foreach (var here in _flows.GroupBy(static flow => flow.To.Namespace))
        {
            foreach (Match line in Counter().Matches(Tools.Run(here.Key, "nft", ["list", "table", "inet", Table])))
            {
                packets[_flows[int.Parse(line.Groups["flow"].Value, CultureInfo.InvariantCulture)].Flow] = long.Parse(
                    line.Groups["packets"].Value,
                    CultureInfo.InvariantCulture
                );
            }
        }

        return packets;
    }

    private static string Match((WatchedFlow Flow, ProbeEndpoint From, ProbeEndpoint To) flow)
    {
        var ip = flow.From.Address.Family == IpFamily.IPv4 ? "ip" : "ip6";
        var protocol = flow.Flow.Flow.Protocol == Protocol.Tcp ? "tcp" : "udp";
        return $"{ip} saddr {flow.From.Address} {ip} daddr {flow.To.Address} {protocol} dport {flow.Flow.Flow.Port}";
    }

    [GeneratedRegex(
        """counter packets (?<packets>\d+) bytes \d+ comment "(?<flow>\d+)"$""",
        RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1_000
    ),]
    private static partial Regex Counter();
}
