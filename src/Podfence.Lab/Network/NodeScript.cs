using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Commands that make a node. Text only: what runs them is <see cref="LabNetwork"/>.</summary>
internal static class NodeScript
{
    private const int VxlanId = 1;

    // The port that the kernel and flannel use.
    private const int VxlanPort = 8472;

    /// <summary>The node without pods; its uplink has been plugged in already.</summary>
    public static List<string> Base(LabPlan plan, NodePlan node)
    {
        List<string> lines = ["link set lo up"];
        foreach (var address in node.Object.Addresses)
        {
            lines.Add($"addr add {Routes.Host(address)} dev {Names.Uplink}{NoDad(address.Family)}");
        }

        lines.Add($"addr add {Names.LinkLocal(node)}/64 dev {Names.Uplink} nodad");
        lines.Add($"link set {Names.Uplink} up");
        foreach (var family in IpFamilies.All)
        {
            var gateway = Names.LinkGateway(family);
            lines.Add($"neigh add {gateway} lladdr {Names.ExternalMac} dev {Names.Uplink} nud permanent");
            var source = node.Object.AddressOf(family) is { } address ? $" src {address}" : "";
            lines.Add($"route add {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} via {gateway} dev {Names.Uplink} onlink{source}");
        }

        if (plan.Options.PodNetwork != PodNetwork.Routed)
        {
            AddBridge(lines, node);
        }

        if (plan.Options.PodNetwork == PodNetwork.Vxlan)
        {
            AddOverlay(lines, plan, node);
        }

        foreach (var other in plan.Nodes.Where(other => other.Number != node.Number))
        {
            lines.AddRange(Routes.ToNode(other));
            lines.AddRange(plan.Options.PodNetwork == PodNetwork.Vxlan ? Tunnel(other) : other.Object.PodCidrs.Select(cidr => Routes.Via(cidr.ToString(), other)));
        }

        return lines;
    }

    /// <summary>Commands for <c>bridge</c>: through which node's address a hardware address of the overlay is reached.</summary>
    public static List<string> Forwarding(LabPlan plan, NodePlan node) =>
        plan.Options.PodNetwork != PodNetwork.Vxlan
            ? []
            : [.. plan.Nodes.Where(other => other.Number != node.Number)
                .Select(other => $"fdb append {Names.OverlayMac(other)} dev {Names.Overlay} dst {other.Object.AddressOf(TunnelFamily(plan))} self permanent")];

    /// <summary>Plugs a pod of the node in.</summary>
    /// <param name="plan">The cluster.</param>
    /// <param name="node">The node.</param>
    /// <param name="pod">A connected pod of the node.</param>
    /// <param name="podPath">The path of the pod's namespace.</param>
    public static IEnumerable<string> Connect(LabPlan plan, NodePlan node, PodPlan pod, string podPath)
    {
        var device = Names.PodDevice(pod);
        var mtu = Mtu(plan) is { } limit ? $" mtu {limit}" : "";
        yield return $"link add {device}{mtu} address {Names.PodPortMac(pod)} type veth peer name {Names.Uplink}{mtu} address {Names.PodMac(pod)} netns {podPath}";
        if (plan.Options.PodNetwork == PodNetwork.Routed)
        {
            yield return $"link set {device} up";
            foreach (var address in pod.Object.Addresses.ToArray())
            {
                var source = node.Object.AddressOf(address.Family) is { } own ? $" src {own}" : "";
                yield return $"route add {Routes.Host(address)} dev {device} scope link{source}";
                yield return $"neigh add {address} lladdr {Names.PodMac(pod)} dev {device} nud permanent";
            }

            yield break;
        }

        yield return $"link set {device} master {Names.PodBridge} up";
        foreach (var address in Routes.Strays(plan, pod))
        {
            yield return $"route add {Routes.Host(address)} dev {Names.PodBridge} scope link";
        }
    }

    /// <summary>Unplugs a pod of the node.</summary>
    public static IEnumerable<string> Disconnect(LabPlan plan, PodPlan pod)
    {
        // Routes of a device go with it; those over the bridge do not.
        yield return $"link del {Names.PodDevice(pod)}";
        if (plan.Options.PodNetwork != PodNetwork.Routed)
        {
            foreach (var address in Routes.Strays(plan, pod))
            {
                yield return $"route del {Routes.Host(address)} dev {Names.PodBridge}";
            }
        }
    }

    /// <summary>Makes the way from this node to a pod of another node whose address is not in that node's CIDR, or takes it away.</summary>
    /// <param name="verb"><c>add</c> or <c>del</c>.</param>
    /// <param name="plan">The cluster.</param>
    /// <param name="node">This node.</param>
    /// <param name="pod">A connected pod of another node.</param>
    public static IEnumerable<string> StrayRoutes(string verb, LabPlan plan, NodePlan node, PodPlan pod)
    {
        var other = plan.NodeOf(pod);
        foreach (var address in Routes.Strays(plan, pod))
        {
            var host = Routes.Host(address);
            yield return plan.Options.PodNetwork == PodNetwork.Vxlan ? Routes.ViaLink(host, other, Names.Overlay, verb) : Routes.Via(host, other, verb);
            if (plan.Options.PodNetwork != PodNetwork.Routed && node.PodCidr(address.Family)?.Contains(address) == true)
            {
                // This node's pods take the address for a neighbour's: the node answers in its place.
                yield return $"neigh {verb} proxy {address} dev {Names.PodBridge}";
            }
        }
    }

    /// <summary>The largest packet of a pod's link where it is not the default: the tunnel's headers have to fit.</summary>
    private static int? Mtu(LabPlan plan) =>
        plan.Options.PodNetwork != PodNetwork.Vxlan ? null : TunnelFamily(plan) == IpFamily.IPv4 ? 1450 : 1430;

    private static void AddBridge(List<string> lines, NodePlan node)
    {
        lines.Add($"link add {Names.PodBridge} address {Names.BridgeMac(node)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
        foreach (var family in IpFamilies.All)
        {
            // Without a pod CIDR of the family there are no neighbours: the gateway is link-local.
            var gateway = node.PodCidr(family) is { } cidr ? $"{cidr.Gateway()}/{cidr.PrefixLength}" : $"{Names.LinkGateway(family)}/{family.Bits()}";
            lines.Add($"addr add {gateway} dev {Names.PodBridge}{NoDad(family)}");
        }

        lines.Add($"link set {Names.PodBridge} up");
    }

    private static void AddOverlay(List<string> lines, LabPlan plan, NodePlan node)
    {
        var end = node.Object.AddressOf(TunnelFamily(plan));
        lines.Add($"link add {Names.Overlay} address {Names.OverlayMac(node)} type vxlan id {VxlanId} local {end} dev {Names.Uplink} dstport {VxlanPort} nolearning");
        lines.Add($"addr add {Names.LinkLocal(node)}/64 dev {Names.Overlay} nodad");
        lines.Add($"link set {Names.Overlay} up");
    }

    private static IEnumerable<string> Tunnel(NodePlan other)
    {
        yield return $"neigh add {Names.LinkLocal(other)} lladdr {Names.OverlayMac(other)} dev {Names.Overlay} nud permanent";
        foreach (var cidr in other.Object.PodCidrs.ToArray())
        {
            yield return Routes.ViaLink(cidr.ToString(), other, Names.Overlay);
        }
    }

    private static IpFamily TunnelFamily(LabPlan plan) => LabPlanner.CommonFamilies(plan.Nodes).First();

    private static string NoDad(IpFamily family) => family == IpFamily.IPv6 ? " nodad" : "";
}
