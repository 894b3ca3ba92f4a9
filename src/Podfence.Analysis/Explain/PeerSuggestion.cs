using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The narrowest peer that a policy can state for one end.</summary>
internal static class PeerSuggestion
{
    // Labels that differ from one pod of a workload to the next, or from one rollout to the next: no policy should name them.
    private static readonly string[] s_passing =
    [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
    ];

    /// <summary>The peer, its text, and whom it means beside the end.</summary>
    public static (PolicyPeer Peer, string Text, string? Others) Find(Cluster cluster, FlowEndpoint end, NetworkPolicy policy)
    {
        // A namespace that is not known has no labels that a selector could read.
        if (cluster.State.OwnerOf(end.Address) is not { } pod || (pod.Key.Namespace != policy.Key.Namespace && !cluster.State.Namespaces.ContainsKey(pod.Key.Namespace)))
        {
            var block = new IpBlockPeer(new Cidr(end.Address, end.Family().Bits()), default);
            var text = cluster.IsInvented(end.Address) ? $"{{ipBlock: {{cidr: ADDRESS/{end.Family().Bits()}}}}}, with the address of {Name(end)}" : YamlText.Peer(block);
            return (block, text, null);
        }

        var labels = pod.Labels.Where(static label => !s_passing.Contains(label.Key)).ToList();
        var pods = new LabelSelector { Requirements = labels.Select(static label => LabelRequirement.Equal(label.Key, label.Value)).ToEquatableArray() };
        var peer = InNamespaceOf(pod, policy, pods);
        return (peer, YamlText.Peer(peer), Others(cluster.State, pod, pods));
    }

    /// <summary>Pods of the pod's namespace by a selector. The label of the name is the one that every namespace has.</summary>
    public static SelectorPeer InNamespaceOf(Pod pod, NetworkPolicy policy, LabelSelector pods) =>
        new(pod.Key.Namespace == policy.Key.Namespace ? null : LabelSelector.MatchLabels((Namespace.NameLabel, pod.Key.Namespace)), pods);

    /// <summary>Which pods of the namespace the selector means beside the pod and those of its workload.</summary>
    public static string? Others(ClusterState state, Pod pod, LabelSelector pods)
    {
        var others = state.PodsIn(pod.Key.Namespace)
            .Where(other => other.Key != pod.Key && other.IsEndpoint && pods.Matches(other.Labels) && (other.Workload is null || other.Workload != pod.Workload))
            .Select(Cluster.GroupOf)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        return others.Count switch { 0 => null, <= 3 => string.Join(", ", others), _ => $"{string.Join(", ", others.Take(3))} and {others.Count - 3} more" };
    }

    private static string Name(FlowEndpoint end) => end.Node is { } node ? $"node {node}" : end.Pod is { } pod ? $"the node of {pod}" : end.Address.ToString();

    private static IpFamily Family(this FlowEndpoint end) => end.Address.Family;
}
