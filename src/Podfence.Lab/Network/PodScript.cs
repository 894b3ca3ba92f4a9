using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The commands inside a pod after its link is created; <see cref="LabNetwork"/> runs them.</summary>
internal static class PodScript
{
    public static List<string> Configure(LabPlan plan, NodePlan node, PodPlan pod)
    {
        List<string> lines = ["link set lo up"];
        var routed = plan.Options.PodNetwork == PodNetwork.Routed;
        foreach (var address in pod.Object.Addresses)
        {
            var cidr = routed ? null : node.PodCidr(address.Family);
            var length = cidr is { } block && block.Contains(address) ? block.PrefixLength : address.Family.Bits();
            lines.Add(
                $"addr add {address}/{length} dev "
                    + $"{DeviceNames.Uplink}{(address.Family == IpFamily.IPv6 ? " nodad" : "")}"
            );
        }

        lines.Add($"link set {DeviceNames.Uplink} up");
        foreach (var family in pod.Object.Addresses.Select(static address => address.Family).Distinct())
        {
            var cidr = routed ? null : node.PodCidr(family);
            var gateway = cidr?.Gateway().ToString() ?? DeviceNames.LinkGateway(family);
            if (routed)
            {
                lines.Add(
                    $"neigh add {gateway} lladdr {DeviceNames.PodPortMac(pod)} dev {DeviceNames.Uplink} nud permanent"
                );
            }

            // onlink: the gateway is a neighbour even if the pod's address is not in the gateway's block.
            lines.Add(
                $"route add {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} via {gateway} dev "
                    + $"{DeviceNames.Uplink} onlink"
            );
        }

        return lines;
    }
}
