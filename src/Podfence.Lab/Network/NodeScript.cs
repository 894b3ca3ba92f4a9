using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The commands that create a node; <see cref="LabNetwork"/> runs them.</summary>
internal static class NodeScript
{
    private const int VxlanId = 1;

    // The default of the kernel and of flannel.
    private const int VxlanPort = 8472;

    /// <summary>The node without pods; its uplink device must exist.</summary>
    public static List<string> Base(LabPlan plan, NodePlan node)
    {
        List<string> lines = ["link set lo up"];
        foreach (var address in node.Object.Addresses)
        {
            lines.Add($"addr add {Routes.Host(address)} dev {DeviceNames.Uplink}{NoDad(address.Family)}");
        }

        lines.Add($"addr add {DeviceNames.LinkLocal(node)}/64 dev {DeviceNames.Uplink} nodad");
        lines.Add($"link set {DeviceNames.Uplink} up");
        foreach (var family in IpFamilies.All)
        {
            var gateway = DeviceNames.LinkGateway(family);
            lines.Add($"neigh add {gateway} lladdr {DeviceNames.ExternalMac} dev {DeviceNames.Uplink} nud permanent");
            var source = node.Object.AddressOf(family) is { } address ? $" src {address}" : "";
            lines.Add(
                $"route add {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} via {gateway} dev "
                    + $"{DeviceNames.Uplink} onlink{source}"
            );
        }

        if (plan.Options.PodNetwork != PodNetwork.Routed)
        {
            AddBridge(lines, node);
        }

        if (plan.Options.PodNetwork == PodNetwork.Vxlan)
        {
            AddVxlan(lines, plan, node);
        }

        foreach (var other in plan.Nodes.Where(other => other.Number != node.Number))
        {
            lines.AddRange(Routes.ToNode(other));
            lines.AddRange(
                plan.Options.PodNetwork == PodNetwork.Vxlan
                    ? Tunnel(other)
                    : other.Object.PodCidrs.Select(cidr => Routes.Via(cidr.ToString(), other))
            );
        }

        return lines;
    }

    /// <summary>Commands for <c>bridge</c>: the node address behind each MAC address of the VXLAN.</summary>
    public static List<string> Forwarding(LabPlan plan, NodePlan node) =>
        plan.Options.PodNetwork != PodNetwork.Vxlan
            ? []
            :
            [
                .. plan
                    .Nodes.Where(other => other.Number != node.Number)
                    .Select(other =>
                        $"fdb append {DeviceNames.VxlanMac(other)} dev {DeviceNames.Vxlan} dst "
                        + $"{other.Object.AddressOf(TunnelFamily(plan))} self permanent"
                    ),
            ];

    /// <summary>Connects a pod of the node.</summary>
    /// <param name="plan">The cluster.</param>
    /// <param name="node">The node.</param>
    /// <param name="pod">A connected pod of the node.</param>
    /// <param name="podPath">The path of the pod's namespace.</param>
    public static IEnumerable<string> Connect(LabPlan plan, NodePlan node, PodPlan pod, string podPath)
    {
        var device = DeviceNames.PodDevice(pod);
        var mtu = Mtu(plan) is { } limit ? $" mtu {limit}" : "";
        yield return $"link add {device}{mtu} address {DeviceNames.PodPortMac(pod)} type veth peer name "
            + $"{DeviceNames.Uplink}{mtu} address {DeviceNames.PodMac(pod)} netns {podPath}";
        if (plan.Options.PodNetwork == PodNetwork.Routed)
        {
            yield return $"link set {device} up";
            foreach (var address in pod.Object.Addresses.ToArray())
            {
                var source = node.Object.AddressOf(address.Family) is { } own ? $" src {own}" : "";
                yield return $"route add {Routes.Host(address)} dev {device} scope link{source}";
                yield return $"neigh add {address} lladdr {DeviceNames.PodMac(pod)} dev {device} nud permanent";
            }

            yield break;
        }

        yield return $"link set {device} master {DeviceNames.PodBridge} up";
        foreach (var address in Routes.Strays(plan, pod))
        {
            yield return $"route add {Routes.Host(address)} dev {DeviceNames.PodBridge} scope link";
        }
    }

    /// <summary>Disconnects a pod of the node.</summary>
    public static IEnumerable<string> Disconnect(LabPlan plan, PodPlan pod)
    {
        // Routes of a device are removed with it; those over the bridge are not.
        yield return $"link del {DeviceNames.PodDevice(pod)}";
        if (plan.Options.PodNetwork != PodNetwork.Routed)
        {
            foreach (var address in Routes.Strays(plan, pod))
            {
                yield return $"route del {Routes.Host(address)} dev {DeviceNames.PodBridge}";
            }
        }
    }

    /// <summary>
    /// Adds or deletes the route from this node to a pod of another node whose address is not in that node's pod CIDR.
    /// </summary>
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
            yield return plan.Options.PodNetwork == PodNetwork.Vxlan
                ? Routes.ViaLink(host, other, DeviceNames.Vxlan, verb)
                : Routes.Via(host, other, verb);
            if (plan.Options.PodNetwork != PodNetwork.Routed && node.PodCidr(address.Family)?.Contains(address) == true)
            {
                // Pods of this node consider the address a neighbour: the node replies for it (proxy NDP/ARP).
                yield return $"neigh {verb} proxy {address} dev {DeviceNames.PodBridge}";
            }
        }
    }

    /// <summary>The MTU of pod links if it is not the default: VXLAN headers must fit.</summary>
    private static int? Mtu(LabPlan plan) =>
        plan.Options.PodNetwork != PodNetwork.Vxlan ? null
        : TunnelFamily(plan) == IpFamily.IPv4 ? 1450
        : 1430;

    private static void AddBridge(List<string> lines, NodePlan node)
    {
        lines.Add(
            $"link add {DeviceNames.PodBridge} address {DeviceNames.BridgeMac(node)} type bridge stp_state 0 "
                + "forward_delay 0 mcast_snooping 0"
        );
        foreach (var family in IpFamilies.All)
        {
            // Without a pod CIDR of the family the gateway is link-local.
            var gateway = node.PodCidr(family) is { } cidr
                ? $"{cidr.Gateway()}/{cidr.PrefixLength}"
                : $"{DeviceNames.LinkGateway(family)}/{family.Bits()}";
            lines.Add($"addr add {gateway} dev {DeviceNames.PodBridge}{NoDad(family)}");
        }

        lines.Add($"link set {DeviceNames.PodBridge} up");
    }

    private static void AddVxlan(List<string> lines, LabPlan plan, NodePlan node)
    {
        var end = node.Object.AddressOf(TunnelFamily(plan));
        lines.Add(
            $"link add {DeviceNames.Vxlan} address {DeviceNames.VxlanMac(node)} type vxlan id {VxlanId} local {end} "
                + $"dev {DeviceNames.Uplink} dstport {VxlanPort} nolearning"
        );
        lines.Add($"addr add {DeviceNames.LinkLocal(node)}/64 dev {DeviceNames.Vxlan} nodad");
        lines.Add($"link set {DeviceNames.Vxlan} up");
    }

    private static IEnumerable<string> Tunnel(NodePlan other)
    {
        yield return $"neigh add {DeviceNames.LinkLocal(other)} lladdr {DeviceNames.VxlanMac(other)} dev "
            + $"{DeviceNames.Vxlan} nud permanent";
        foreach (var cidr in other.Object.PodCidrs.ToArray())
        {
            yield return Routes.ViaLink(cidr.ToString(), other, DeviceNames.Vxlan);
        }
    }

    private static IpFamily TunnelFamily(LabPlan plan) => LabPlanner.CommonFamilies(plan.Nodes).First();

    private static string NoDad(IpFamily family) => family == IpFamily.IPv6 ? " nodad" : "";
}
