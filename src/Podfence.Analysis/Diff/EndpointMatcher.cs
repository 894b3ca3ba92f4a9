using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Finds in one cluster the ends of another: pods and nodes by name, pods of another name by the workload that they are of, external addresses by address.</summary>
internal sealed class EndpointMatcher(ClusterState state)
{
    private readonly Dictionary<string, Pod> _byWorkload = state.Pods.Where(static pod => pod is { Workload: not null, IsEndpoint: true }).OrderBy(static pod => pod.Key)
        .DistinctBy(static pod => Cluster.GroupOf(pod)).ToDictionary(static pod => Cluster.GroupOf(pod), StringComparer.Ordinal);

    /// <summary>The end, or null where there is none like it.</summary>
    public ReachEnd? Of(ReachEnd end)
    {
        if (end.Pod is { } pod)
        {
            var same = state.FindPod(pod.Key) is { Finished: false, Addresses.IsEmpty: false } found ? found : pod.Workload is not null ? _byWorkload.GetValueOrDefault(Cluster.GroupOf(pod)) : null;
            return same?.AddressOf(end.Address.Family) is { } address ? ReachEnd.Of(state, same, address) : null;
        }

        if (end.Node is { } name)
        {
            return state.Nodes.TryGetValue(name, out var node) && (node.Addresses.Contains(end.Address) ? end.Address : node.AddressOf(end.Address.Family)) is { } address ? ReachEnd.Of(state, node, address) : null;
        }

        return ReachEnd.External(end.Address);
    }
}
