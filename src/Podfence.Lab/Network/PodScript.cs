using Podfence.Model;


namespace Podfence.Lab;

/// <summary>Commands inside a pod whose link has been plugged in. Text only: what runs them is <see cref="LabNetwork"/>.</summary>
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
            lines.Add($"addr add {address}/{length} dev {Names.Uplink}{(address.Family == IpFamily.IPv6 ? " nodad" : "")}");
        }

        lines.Add($"link set {Names.Uplink} up");
        foreach (var family in pod.Object.Addresses.Select(static address => address.Family).Distinct())
        {
            var cidr = routed ? null : node.PodCidr(family);
            var gateway = cidr?.Gateway().ToString() ?? Names.LinkGateway(family);
            if (routed)
            {
                lines.Add($"neigh add {gateway} lladdr {Names.PodPortMac(pod)} dev {Names.Uplink} nud permanent");
            }

            // onlink: the gateway is a neighbour even where the pod's address is not of the gateway's block.
            lines.Add($"route add {(family == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0")} via {gateway} dev {Names.Uplink} onlink");
        }

        return lines;
    }
}
