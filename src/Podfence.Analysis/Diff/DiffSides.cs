using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Two inputs that are made comparable.</summary>
/// <param name="Before">The first.</param>
/// <param name="After">The second.</param>
/// <param name="PodsOf">Whose pods a side was given that has none.</param>
public sealed record DiffSides(Cluster Before, Cluster After, PodsOf PodsOf)
{
    /// <summary>
    /// Gives each side what it leaves open. A side without pods and workloads has those of the other. Nodes, and namespaces that a side does not define, are the other's.
    /// A pod that states no address is given the same one on both sides. The inputs are changed.
    /// </summary>
    /// <param name="shared">What both sides are put over, such as the live cluster without its policies; may be null. It is not changed.</param>
    /// <param name="before">The first.</param>
    /// <param name="after">The second.</param>
    public static DiffSides Of(ClusterInput? shared, ClusterInput before, ClusterInput after)
    {
        if (shared is not null)
        {
            (before, after) = (Overlay.Of(Copy(shared), before), Overlay.Of(Copy(shared), after));
        }

        var podsOf = (HasPods(before), HasPods(after)) switch
        {
            (true, false) => PodsOf.Before,
            (false, true) => PodsOf.After,
            (false, false) => PodsOf.Nobody,
            _ => PodsOf.Each,
        };
        (before, after) = podsOf switch
        {
            PodsOf.Before => (before, WithPods(after, before)),
            PodsOf.After => (WithPods(before, after), after),
            _ => (before, after),
        };
        Share(before, after);
        Share(after, before);
        WorkloadPods.AddTo(before.State, before.Workloads);
        WorkloadPods.AddTo(after.State, after.Workloads);
        Address(before.State, after.State);
        return new(Cluster.Complete(before), Cluster.Complete(after), podsOf);
    }

    /// <summary>A cluster as it is, and as it would be once files were applied to it. Neither input is changed.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="files">The files.</param>
    /// <param name="prune">Whether policies that the files lack are gone, in namespaces that they have a policy, a pod or a workload in.</param>
    public static DiffSides OfChange(ClusterInput cluster, ClusterInput files, bool prune)
    {
        var next = Copy(cluster);
        if (prune)
        {
            var spaces = files.State.Policies.Select(static policy => policy.Key.Namespace).Concat(files.State.Pods.Select(static pod => pod.Key.Namespace)).Concat(files.Workloads.Select(static workload => workload.Namespace));
            foreach (var policy in spaces.Distinct().SelectMany(space => next.State.PoliciesIn(space)).ToList())
            {
                next.State.RemovePolicy(policy.Key);
            }
        }

        return Of(null, Copy(cluster), Overlay.Of(next, files));
    }

    /// <summary>An input of its own with the same objects.</summary>
    public static ClusterInput Copy(ClusterInput input, bool withPolicies = true)
    {
        var state = new ClusterState();
        input.State.Namespaces.Values.ToList().ForEach(state.Upsert);
        input.State.Nodes.Values.ToList().ForEach(state.Upsert);
        input.State.Pods.ToList().ForEach(state.Upsert);
        input.State.Policies.Where(_ => withPolicies).ToList().ForEach(state.Upsert);
        return input with { State = state };
    }

    private static bool HasPods(ClusterInput input) => input.Workloads.Count > 0 || input.State.Pods.Any();

    private static ClusterInput WithPods(ClusterInput input, ClusterInput other)
    {
        other.State.Pods.ToList().ForEach(input.State.Upsert);
        return input with { Workloads = other.Workloads };
    }

    private static void Share(ClusterInput from, ClusterInput to)
    {
        foreach (var space in from.State.Namespaces.Values.Where(space => !to.State.Namespaces.ContainsKey(space.Name) || (to.ImpliedNamespaces.Contains(space.Name) && !from.ImpliedNamespaces.Contains(space.Name))))
        {
            to.State.Upsert(space);
        }

        from.State.Nodes.Values.Where(node => !to.State.Nodes.ContainsKey(node.Name)).ToList().ForEach(to.State.Upsert);
    }

    // Invented apart, the same pod would have two addresses, of which a block might mean one.
    private static void Address(ClusterState before, ClusterState after)
    {
        var both = new ClusterState();
        foreach (var state in new[] { before, after })
        {
            state.Nodes.Values.ToList().ForEach(both.Upsert);
            // One that states its address goes before one that does not.
            state.Pods.Where(pod => both.FindPod(pod.Key) is not { Addresses.IsEmpty: false } || !pod.Addresses.IsEmpty).ToList().ForEach(both.Upsert);
        }

        PlaceholderIps.AddTo(both);
        foreach (var state in new[] { before, after })
        {
            both.Nodes.Values.Where(node => state.Nodes.GetValueOrDefault(node.Name) is null or { Addresses.IsEmpty: true }).ToList().ForEach(state.Upsert);
            foreach (var pod in state.Pods.Where(static pod => pod is { Finished: false, Addresses.IsEmpty: true }).ToList())
            {
                state.Upsert(pod with { Addresses = both.FindPod(pod.Key)!.HostNetwork == pod.HostNetwork ? both.FindPod(pod.Key)!.Addresses : [] });
            }
        }
    }
}

/// <summary>Whose pods both sides have.</summary>
public enum PodsOf
{
    /// <summary>Each side has its own.</summary>
    Each,

    /// <summary>The second has none, and is given the first's.</summary>
    Before,

    /// <summary>The first has none, and is given the second's.</summary>
    After,

    /// <summary>Neither has any: there is nothing to compare.</summary>
    Nobody,
}
