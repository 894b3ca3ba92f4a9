using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Routes over the fabric. Hosts there are reached one by one, whatever addresses were stated for them, and their hardware addresses are stated, so that no first packet waits.</summary>
internal static class Routes
{
    /// <summary>The address as a block of one.</summary>
    public static string Host(IpAddress address) => $"{address}/{address.Family.Bits()}";

    /// <summary>From any host of the fabric to a node.</summary>
    public static IEnumerable<string> ToNode(NodePlan node, int? table = null)
    {
        var mac = Names.NodeMac(node);
        yield return $"neigh add {Names.LinkLocal(node)} lladdr {mac} dev {Names.Uplink} nud permanent";
        foreach (var address in node.Object.Addresses.ToArray())
        {
            yield return $"route add {Host(address)} dev {Names.Uplink} scope link{(table is null ? "" : $" table {table}")}";
            yield return $"neigh add {address} lladdr {mac} dev {Names.Uplink} nud permanent";
        }
    }

    /// <summary>Over the fabric to something behind a node, by the node's address where it has one of the family.</summary>
    public static string Via(string destination, NodePlan node, string verb = "add")
    {
        var address = node.Object.AddressOf(destination.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4);
        return address is null ? ViaLink(destination, node, Names.Uplink, verb) : $"route {verb} {destination} via {address} dev {Names.Uplink} onlink";
    }

    /// <summary>Over a link to something behind a node, by the node's link-local address, which nobody's stated addresses can get in the way of.</summary>
    public static string ViaLink(string destination, NodePlan node, string device, string verb = "add") =>
        $"route {verb} {destination} via {(destination.Contains(':', StringComparison.Ordinal) ? "" : "inet6 ")}{Names.LinkLocal(node)} dev {device} onlink";

    /// <summary>Addresses of a pod that the routes to its node's pod CIDRs do not cover.</summary>
    public static IEnumerable<IpAddress> Strays(LabPlan plan, PodPlan pod)
    {
        var node = plan.NodeOf(pod);
        return pod.Object.Addresses.Where(address => node.PodCidr(address.Family)?.Contains(address) != true);
    }
}
