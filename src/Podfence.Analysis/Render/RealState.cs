using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A cluster as kernels would see it. Rules are made of addresses, so what has none is in no rule; it is told, and what was invented for other questions is taken away again
/// or, where that is asked for, told too.
/// </summary>
/// <param name="Missing">Pods that have no address, and so are in no rule.</param>
/// <param name="Nowhere">Pods that have an address and no node, and so are behind no node's fences.</param>
/// <param name="Invented">Pods whose addresses are invented.</param>
/// <param name="Placed">Pods that were put on a node.</param>
public sealed record RealState(IReadOnlyList<PodKey> Missing, IReadOnlyList<PodKey> Nowhere, IReadOnlyList<PodKey> Invented, IReadOnlyList<PodKey> Placed)
{
    /// <summary>Takes away what is invented. Pods that stand for workloads go with it.</summary>
    public static RealState Strip(Cluster cluster)
    {
        var state = cluster.State;
        var missing = new List<PodKey>();
        foreach (var pod in Live(state).Where(pod => pod.Addresses.Any(cluster.IsInvented)))
        {
            missing.Add(pod.Key);
            if (Cluster.StandsForWorkload(pod.Key))
            {
                state.RemovePod(pod.Key);
            }
            else
            {
                state.Upsert(pod with { Addresses = pod.Addresses.Where(address => !cluster.IsInvented(address)).ToEquatableArray() });
            }
        }

        return new RealState(missing, [.. Live(state).Where(static pod => pod is { IsEndpoint: true, NodeName: null }).Select(static pod => pod.Key)], [], []);
    }

    /// <summary>Keeps what is invented, and lets pods without a node run on one.</summary>
    public static RealState Invent(Cluster cluster, string node)
    {
        var state = cluster.State;
        var placed = Live(state).Where(static pod => pod.NodeName is null).ToList();
        placed.ForEach(pod => state.Upsert(pod with { NodeName = node }));
        return new RealState([], [], [.. Live(state).Where(pod => pod.Addresses.Any(cluster.IsInvented)).Select(static pod => pod.Key)], [.. placed.Select(static pod => pod.Key)]);
    }

    private static List<Pod> Live(ClusterState state) => [.. state.Pods.Where(static pod => pod is { Finished: false, HostNetwork: false }).OrderBy(static pod => pod.Key)];
}
