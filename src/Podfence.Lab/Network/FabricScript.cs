using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Commands that make the fabric and the external host. Text only: what runs them is <see cref="LabNetwork"/>.</summary>
internal static class FabricScript
{
    /// <summary>Table of the external host that knows nodes and pods; it is read before the table of local addresses.</summary>
    private const int KnownHosts = 100;

    /// <summary>The switch between the nodes, with a cable to each and to the external host.</summary>
    /// <param name="plan">The cluster.</param>
    /// <param name="pathOf">The path of a node's namespace, null for the external host's.</param>
    public static List<string> Fabric(LabPlan plan, Func<NodePlan?, string> pathOf)
    {
        List<string> lines = ["link set lo up", $"link add {Names.FabricBridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0", $"link set {Names.FabricBridge} up"];
        foreach (var node in plan.Nodes)
        {
            Cable(Names.FabricPort(node), Names.NodeMac(node), pathOf(node));
        }

        Cable("external", Names.ExternalMac, pathOf(null));
        return lines;

        void Cable(string port, string mac, string path)
        {
            lines.Add($"link add {port} type veth peer name {Names.Uplink} address {mac} netns {path}");
            lines.Add($"link set {port} master {Names.FabricBridge} up");
        }
    }

    /// <summary>The external host: the nodes' default gateway, with routes to all of them and their pods.</summary>
    public static List<string> External(LabPlan plan)
    {
        List<string> lines =
        [
            "link set lo up",
            $"addr add {Names.LinkGateway(IpFamily.IPv4)}/32 dev {Names.Uplink}",
            $"addr add {Names.LinkGateway(IpFamily.IPv6)}/64 dev {Names.Uplink} nodad",
            $"link set {Names.Uplink} up",
        ];
        foreach (var node in plan.Nodes)
        {
            lines.AddRange(Routes.ToNode(node, KnownHosts));
            lines.AddRange(node.Object.PodCidrs.Select(cidr => $"{Routes.ViaLink(cidr.ToString(), node, Names.Uplink)} table {KnownHosts}"));
        }

        return lines;
    }

    /// <summary>
    /// The external host has every address that nobody else has, and takes what comes for its own.
    /// Nodes and pods have to be looked up first, so the order of tables is changed: known hosts, then "everything is local".
    /// </summary>
    public static List<string> Everywhere(IpFamily family) =>
    [
        $"rule add pref 1 lookup {KnownHosts}",
        "rule add pref 2 lookup local",
        "rule del pref 0",
        $"route add local {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} dev lo table local",
    ];

    /// <summary>Routes of the external host to pods whose address is not in their node's CIDR.</summary>
    public static IEnumerable<string> ExternalRoutes(string verb, LabPlan plan, IEnumerable<PodPlan> pods) =>
        pods.SelectMany(pod => Routes.Strays(plan, pod).Select(address => $"{Routes.ViaLink(Routes.Host(address), plan.NodeOf(pod), Names.Uplink, verb)} table {KnownHosts}"));
}
