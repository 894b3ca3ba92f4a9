using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>The rules of a node that apply to one pod, read back from the kernel.</summary>
internal static class FencedPodRules
{
    /// <summary>The rules of one address family as an nft script.</summary>
    public static string Read(LabCluster cluster, PodKey pod, IpFamily family)
    {
        var plan = cluster.Network.Plan.Pods[pod].Object;
        var table = cluster
            .Network.Node(plan.NodeName!)
            .Run(static () =>
            {
                using var kernel = NetlinkKernel.Open();
                return kernel.Read();
            });
        return table is null || plan.AddressOf(family) is not { } address
            ? "no rules"
            : NftText.Print(NftPodSlice.Of(table, [address], family)).TrimEnd();
    }
}
