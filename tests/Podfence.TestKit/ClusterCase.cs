using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// A cluster as a value, and what happens to it afterwards: what is generated, tried, shrunken and printed.
/// </summary>
public sealed record ClusterCase
{
    public EquatableArray<Node> Nodes { get; init; }

    public EquatableArray<Namespace> Namespaces { get; init; }

    public EquatableArray<Pod> Pods { get; init; }

    public EquatableArray<NetworkPolicy> Policies { get; init; }

    /// <summary>Changes to apply, in order. Each is independent, so any of them may be left out.</summary>
    public EquatableArray<ClusterChange> Changes { get; init; }

    /// <summary>The cluster before the changes.</summary>
    public ClusterState ToState()
    {
        var state = new ClusterState();
        foreach (var change in Upserts())
        {
            change.Apply(state);
        }

        return state;
    }

    /// <summary>The cluster after the changes.</summary>
    public ClusterState ToFinalState()
    {
        var state = ToState();
        foreach (var change in Changes)
        {
            change.Apply(state);
        }

        return state;
    }

    /// <summary>The objects of the cluster before the changes, one upsert each.</summary>
    public IEnumerable<ClusterChange> Upserts()
    {
        IEnumerable<ClusterChange> nodes = Nodes.Select(static node => new NodeChange(node.Name, node, "node"));
        return nodes
            .Concat(Namespaces.Select(static ns => new NamespaceChange(ns.Name, ns, "namespace")))
            .Concat(Pods.Select(static pod => new PodChange(pod.Key, pod, "pod")))
            .Concat(Policies.Select(static policy => new PolicyChange(policy.Key, policy, "policy")));
    }

    /// <summary>A case of what a state holds now, in name order.</summary>
    public static ClusterCase Of(ClusterState state) =>
        new()
        {
            Nodes = state.Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal).ToEquatableArray(),
            Namespaces = state
                .Namespaces.Values.OrderBy(static ns => ns.Name, StringComparer.Ordinal)
                .ToEquatableArray(),
            Pods = state.Pods.OrderBy(static pod => pod.Key).ToEquatableArray(),
            Policies = state.Policies.OrderBy(static policy => policy.Key).ToEquatableArray(),
        };

    public override string ToString() => ClusterDump.Text(this);
}
