using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The narrowest peer for an endpoint.</summary>
internal static class PeerSuggestion
{
    private const int MaxOthers = 3;

    /// <summary>The peer, its text, and what else it matches.</summary>
    public static (PolicyPeer Peer, string Text, string? Others) Find(
        Cluster cluster,
        FlowEndpoint end,
        NetworkPolicy policy
    )
    {
        // The labels of an unknown namespace are unknown too.
        if (
            cluster.State.OwnerOf(end.Address) is not { } pod
            || (pod.Key.Namespace != policy.Key.Namespace && !cluster.State.Namespaces.ContainsKey(pod.Key.Namespace))
        )
        {
            var block = new IpBlockPeer(new Cidr(end.Address, end.Family().Bits()), default);
            var text = cluster.IsPlaceholder(end.Address)
                ? $"{{ipBlock: {{cidr: ADDRESS/{end.Family().Bits()}}}}}, with the address of {Name(end)}"
                : YamlText.Peer(block);
            return (block, text, null);
        }

        var labels = pod.Labels.Where(static label => !ControllerLabels.Contains(label.Key)).ToList();
        var pods = new LabelSelector
        {
            Requirements = labels
                .Select(static label => LabelRequirement.Equal(label.Key, label.Value))
                .ToEquatableArray(),
        };
        var peer = InNamespaceOf(pod, policy, pods);
        return (peer, YamlText.Peer(peer), Others(cluster.State, pod, pods));
    }

    /// <summary>Pods of the pod's namespace by a selector. Every namespace has the label with its name.</summary>
    public static SelectorPeer InNamespaceOf(Pod pod, NetworkPolicy policy, LabelSelector pods) =>
        new(
            pod.Key.Namespace == policy.Key.Namespace
                ? null
                : LabelSelector.MatchLabels((Namespace.NameLabel, pod.Key.Namespace)),
            pods
        );

    /// <summary>Which other workloads of the namespace the selector matches.</summary>
    public static string? Others(ClusterState state, Pod pod, LabelSelector pods)
    {
        var others = state
            .PodsIn(pod.Key.Namespace)
            .Where(other =>
                other.Key != pod.Key
                && other.IsEndpoint
                && pods.Matches(other.Labels)
                && (other.Workload is null || other.Workload != pod.Workload)
            )
            .Select(Cluster.GroupOf)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return others.Count == 0 ? null : ListText.Join(others, MaxOthers);
    }

    private static string Name(FlowEndpoint end) =>
        end.Node is { } node ? $"node {node}"
        : end.Pod is { } pod ? $"the node of {pod}"
        : end.Address.ToString();

    private static IpFamily Family(this FlowEndpoint end) => end.Address.Family;
}
