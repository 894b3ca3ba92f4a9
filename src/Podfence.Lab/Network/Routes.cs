using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Routes over the fabric. There is a host route and a static neighbour entry per host, whatever its address, so that
/// no packet waits for address resolution.
/// </summary>
internal static class Routes
{
    /// <summary>The address as a host prefix.</summary>
    public static string Host(IpAddress address) => $"{address}/{address.Family.Bits()}";

    /// <summary>From any host of the fabric to a node.</summary>
    public static IEnumerable<string> ToNode(NodePlan node, int? table = null)
    {
        var mac = DeviceNames.NodeMac(node);
        yield return $"neigh add {DeviceNames.LinkLocal(node)} lladdr {mac} dev {DeviceNames.Uplink} nud permanent";
        foreach (var address in node.Object.Addresses.ToArray())
        {
            yield return $"route add {Host(address)} dev {DeviceNames.Uplink} scope "
                + $"link{(table is null ? "" : $" table {table}")}";
            yield return $"neigh add {address} lladdr {mac} dev {DeviceNames.Uplink} nud permanent";
        }
    }

    /// <summary>
    /// A route over the fabric via a node's address, or its link-local address if it has none of the family.
    /// </summary>
    public static string Via(string destination, NodePlan node, string verb = "add")
    {
        var address = node.Object.AddressOf(
            destination.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4
        );
        return address is null
            ? ViaLink(destination, node, DeviceNames.Uplink, verb)
            : $"route {verb} {destination} via {address} dev {DeviceNames.Uplink} onlink";
    }

    /// <summary>
    /// A route over a link via a node's link-local address, which cannot collide with any stated address.
    /// </summary>
    public static string ViaLink(string destination, NodePlan node, string device, string verb = "add")
    {
        var family = destination.Contains(':', StringComparison.Ordinal) ? "" : "inet6 ";
        return $"route {verb} {destination} via {family}{DeviceNames.LinkLocal(node)} dev {device} onlink";
    }

    /// <summary>Addresses of a pod that the routes to its node's pod CIDRs do not cover.</summary>
    public static IEnumerable<IpAddress> Strays(LabPlan plan, PodPlan pod)
    {
        var node = plan.NodeOf(pod);
        return pod.Object.Addresses.Where(address => node.PodCidr(address.Family)?.Contains(address) != true);
    }
}
