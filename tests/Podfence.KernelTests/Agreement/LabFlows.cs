using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>The flows that a lab can carry: all pairs of its ends in both families, over TCP and UDP.</summary>
internal static class LabFlows
{
    /// <summary>
    /// Every pair of pods, nodes and some external addresses, with ports that cycle through all classes that policies
    /// distinguish.
    /// </summary>
    /// <param name="lab">The lab.</param>
    /// <param name="portsPerPair">Ports of each protocol per pair.</param>
    public static List<LabFlow> AllPairs(FencedLab lab, int portsPerPair = 2)
    {
        var classes = FlowClasses.Of(lab.State);
        var flows = new List<LabFlow>();
        var turn = 0;
        foreach (var family in IpFamilies.All)
        {
            var ends = Ends(lab, classes, family);
            foreach (var from in ends)
            {
                foreach (var to in ends.Where(to => from is not ExternalEndpoint || to is not ExternalEndpoint))
                {
                    foreach (var protocol in new[] { Protocol.Tcp, Protocol.Udp })
                    {
                        var ports = classes
                            .Ports.Where(port => port.Protocol == protocol)
                            .Select(port => port.Port)
                            .ToList();
                        for (var i = 0; i < Math.Min(portsPerPair, ports.Count); i++)
                        {
                            flows.Add(new LabFlow(from, to, protocol, ports[turn++ % ports.Count], family));
                        }
                    }
                }
            }
        }

        return flows;
    }

    private static List<LabEndpoint> Ends(FencedLab lab, FlowClasses classes, IpFamily family)
    {
        var pods = lab
            .State.Pods.Where(pod => pod.IsEndpoint && pod.AddressOf(family) is not null)
            .OrderBy(pod => pod.Key)
            .Select(pod => new PodEndpoint(pod.Key));
        var nodes = lab
            .State.Nodes.Values.Where(node => node.AddressOf(family) is not null)
            .OrderBy(node => node.Name, StringComparer.Ordinal)
            .Select(node => new NodeEndpoint(node.Name));
        var external = classes
            .Ends[family]
            .Where(end => end.IsExternal && CanBeExternal(lab, end.Address))
            .Select(end => new ExternalEndpoint(end.Address))
            .Take(3);
        return [.. pods, .. nodes, .. external];
    }

    /// <summary>Leaves out what no router carries and what the lab itself uses.</summary>
    private static bool CanBeExternal(FencedLab lab, IpAddress address)
    {
        string[] never =
            address.Family == IpFamily.IPv4
                ? ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]
                : ["::/8", "fe00::/8", "ff00::/8"];
        return !never.Any(block => Cidr.Parse(block).Contains(address))
            && !lab.State.Nodes.Values.Any(node =>
                node.PodCidrs.Any(block => block.Contains(address))
                || node.Addresses.Any(near => Near(near).Contains(address))
            );
    }

    private static Cidr Near(IpAddress node) => new(node, node.Family == IpFamily.IPv4 ? 16 : 48);
}
