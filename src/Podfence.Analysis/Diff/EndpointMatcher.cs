using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Finds the endpoints of one cluster in another: pods and nodes by name, else pods by workload, external addresses by
/// address.
/// </summary>
internal sealed class EndpointMatcher(ClusterState state)
{
    private readonly Dictionary<string, Pod> _byWorkload = state
        .Pods.Where(static pod => pod is { Workload: not null, IsEndpoint: true })
        .OrderBy(static pod => pod.Key)
        .DistinctBy(static pod => Cluster.GroupOf(pod))
        .ToDictionary(static pod => Cluster.GroupOf(pod), StringComparer.Ordinal);

    /// <summary>The counterpart, or null if there is none.</summary>
    public ReachEndpoint? Of(ReachEndpoint end)
    {
        if (end.Pod is { } pod)
        {
            var same =
                state.FindPod(pod.Key) is { Finished: false, Addresses.IsEmpty: false } found ? found
                : pod.Workload is not null ? _byWorkload.GetValueOrDefault(Cluster.GroupOf(pod))
                : null;
            return same?.AddressOf(end.Address.Family) is { } address ? ReachEndpoint.Of(state, same, address) : null;
        }

        if (end.Node is { } name)
        {
            return
                state.Nodes.TryGetValue(name, out var node)
                && (node.Addresses.Contains(end.Address) ? end.Address : node.AddressOf(end.Address.Family))
                    is { } address
                ? ReachEndpoint.Of(state, node, address)
                : null;
        }

        return ReachEndpoint.External(end.Address);
    }
}
