using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The commands that create the fabric and the external host; <see cref="LabNetwork"/> runs them.</summary>
internal static class FabricScript
{
    /// <summary>The routing table of the external host for nodes and pods, looked up before the local table.</summary>
    private const int KnownHosts = 100;

    /// <summary>The bridge between the nodes, with a veth pair to each and to the external host.</summary>
    /// <param name="plan">The cluster.</param>
    /// <param name="pathOf">The path of a node's namespace; for null, that of the external host.</param>
    public static List<string> Fabric(LabPlan plan, Func<NodePlan?, string> pathOf)
    {
        List<string> lines =
        [
            "link set lo up",
            $"link add {DeviceNames.FabricBridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            $"link set {DeviceNames.FabricBridge} up",
        ];
        foreach (var node in plan.Nodes)
        {
            Connect(DeviceNames.FabricPort(node), DeviceNames.NodeMac(node), pathOf(node));
        }

        Connect("external", DeviceNames.ExternalMac, pathOf(null));
        return lines;

        void Connect(string port, string mac, string path)
        {
            lines.Add($"link add {port} type veth peer name {DeviceNames.Uplink} address {mac} netns {path}");
            lines.Add($"link set {port} master {DeviceNames.FabricBridge} up");
        }
    }

    /// <summary>The external host: the nodes' default gateway, with routes to all nodes and pods.</summary>
    public static List<string> External(LabPlan plan)
    {
        List<string> lines =
        [
            "link set lo up",
            $"addr add {DeviceNames.LinkGateway(IpFamily.IPv4)}/32 dev {DeviceNames.Uplink}",
            $"addr add {DeviceNames.LinkGateway(IpFamily.IPv6)}/64 dev {DeviceNames.Uplink} nodad",
            $"link set {DeviceNames.Uplink} up",
        ];
        foreach (var node in plan.Nodes)
        {
            lines.AddRange(Routes.ToNode(node, KnownHosts));
            lines.AddRange(
                node.Object.PodCidrs.Select(cidr =>
                    $"{Routes.ViaLink(cidr.ToString(), node, DeviceNames.Uplink)} table {KnownHosts}"
                )
            );
        }

        return lines;
    }

    /// <summary>
    /// The external host has every address that no node and no pod has. Its table of nodes and pods is looked up first,
    /// then a local table in which every address is local.
    /// </summary>
    public static List<string> Everywhere(IpFamily family) =>
        [
            $"rule add pref 1 lookup {KnownHosts}",
            "rule add pref 2 lookup local",
            "rule del pref 0",
            $"route add local {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} dev lo table local",
        ];

    /// <summary>Routes of the external host to pods whose address is not in their node's pod CIDR.</summary>
    public static IEnumerable<string> ExternalRoutes(string verb, LabPlan plan, IEnumerable<PodPlan> pods) =>
        pods.SelectMany(pod =>
            Routes
                .Strays(plan, pod)
                .Select(address =>
                    $"{Routes.ViaLink(Routes.Host(address), plan.NodeOf(pod), DeviceNames.Uplink, verb)} "
                    + $"table {KnownHosts}"
                )
        );
}
