using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Prepares a cluster for its rules, which consist of addresses: placeholder IPs are removed or, on request, kept and
/// listed.
/// </summary>
/// <param name="WithoutIp">Pods without an IP, which are in no rule.</param>
/// <param name="WithoutNode">Pods with an IP and without a node, which no node fences.</param>
/// <param name="PlaceholderIp">Pods with placeholder IPs.</param>
/// <param name="AssignedNode">Pods that were assigned to a node.</param>
public sealed record RenderInput(
    IReadOnlyList<PodKey> WithoutIp,
    IReadOnlyList<PodKey> WithoutNode,
    IReadOnlyList<PodKey> PlaceholderIp,
    IReadOnlyList<PodKey> AssignedNode
)
{
    /// <summary>Removes placeholder IPs, and pods that stand for workloads.</summary>
    public static RenderInput WithoutPlaceholders(Cluster cluster)
    {
        var state = cluster.State;
        var withoutIp = new List<PodKey>();
        foreach (var pod in Live(state).Where(pod => pod.Addresses.Any(cluster.IsPlaceholder)))
        {
            withoutIp.Add(pod.Key);
            if (Cluster.StandsForWorkload(pod.Key))
            {
                state.RemovePod(pod.Key);
            }
            else
            {
                state.Upsert(
                    pod with
                    {
                        Addresses = pod.Addresses.Where(address => !cluster.IsPlaceholder(address)).ToEquatableArray(),
                    }
                );
            }
        }

        var withoutNode = Live(state).Where(static pod => pod is { IsEndpoint: true, NodeName: null });
        return new RenderInput(withoutIp, [.. withoutNode.Select(static pod => pod.Key)], [], []);
    }

    /// <summary>Keeps placeholder IPs, and assigns pods without a node to one.</summary>
    public static RenderInput WithPlaceholders(Cluster cluster, string node)
    {
        var state = cluster.State;
        var assigned = Live(state).Where(static pod => pod.NodeName is null).ToList();
        foreach (var pod in assigned)
        {
            state.Upsert(pod with { NodeName = node });
        }

        var placeholders = Live(state).Where(pod => pod.Addresses.Any(cluster.IsPlaceholder));
        return new RenderInput(
            [],
            [],
            [.. placeholders.Select(static pod => pod.Key)],
            [.. assigned.Select(static pod => pod.Key)]
        );
    }

    private static List<Pod> Live(ClusterState state) =>
        [
            .. state
                .Pods.Where(static pod => pod is { Finished: false, HostNetwork: false })
                .OrderBy(static pod => pod.Key),
        ];
}
