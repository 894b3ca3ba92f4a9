using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Two inputs, made comparable.</summary>
/// <param name="Before">The first.</param>
/// <param name="After">The second.</param>
/// <param name="PodsOf">Which side's pods were used for both.</param>
public sealed record DiffSides(Cluster Before, Cluster After, PodsOf PodsOf)
{
    /// <summary>
    /// Completes each side from the other: pods and workloads if it has none, nodes, and namespaces that it does not
    /// define.
    /// A pod without an address gets the same placeholder on both sides. The inputs are changed.
    /// </summary>
    /// <param name="shared">The cluster that both sides are applied to, such as the live cluster without its policies;
    /// may be null. It is not changed.</param>
    /// <param name="before">The first.</param>
    /// <param name="after">The second.</param>
    public static DiffSides Of(ClusterInput? shared, ClusterInput before, ClusterInput after)
    {
        if (shared is not null)
        {
            (before, after) = (Overlay.Of(shared.Copy(), before), Overlay.Of(shared.Copy(), after));
        }

        var podsOf = (HasPods(before), HasPods(after)) switch
        {
            (true, false) => PodsOf.Before,
            (false, true) => PodsOf.After,
            (false, false) => PodsOf.None,
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

    /// <summary>
    /// A cluster as it is, and as it would be once files were applied to it. Neither input is changed.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="files">The files.</param>
    /// <param name="prune">Whether policies missing from the files count as deleted, in namespaces where the files have
    /// a policy, a pod or a workload.</param>
    public static DiffSides OfChange(ClusterInput cluster, ClusterInput files, bool prune)
    {
        var next = cluster.Copy();
        if (prune)
        {
            var spaces = files
                .State.Policies.Select(static policy => policy.Key.Namespace)
                .Concat(files.State.Pods.Select(static pod => pod.Key.Namespace))
                .Concat(files.Workloads.Select(static workload => workload.Namespace));
            foreach (var policy in spaces.Distinct().SelectMany(space => next.State.PoliciesIn(space)).ToList())
            {
                next.State.RemovePolicy(policy.Key);
            }
        }

        return Of(null, cluster.Copy(), Overlay.Of(next, files));
    }

    private static bool HasPods(ClusterInput input) => input.Workloads.Count > 0 || input.State.Pods.Any();

    private static ClusterInput WithPods(ClusterInput input, ClusterInput other)
    {
        other.State.Pods.ToList().ForEach(input.State.Upsert);
        return input with { Workloads = other.Workloads };
    }

    private static void Share(ClusterInput from, ClusterInput to)
    {
        foreach (
            var space in from.State.Namespaces.Values.Where(space =>
                !to.State.Namespaces.ContainsKey(space.Name)
                || (to.ImpliedNamespaces.Contains(space.Name) && !from.ImpliedNamespaces.Contains(space.Name))
            )
        )
        {
            to.State.Upsert(space);
        }

        from.State.Nodes.Values.Where(node => !to.State.Nodes.ContainsKey(node.Name)).ToList().ForEach(to.State.Upsert);
    }

    // With separate placeholders the same pod would have two addresses, and a block might match only one of them.
    private static void Address(ClusterState before, ClusterState after)
    {
        var both = new ClusterState();
        foreach (var state in new[] { before, after })
        {
            state.Nodes.Values.ToList().ForEach(both.Upsert);
            // A pod with an address takes precedence over one without.
            state
                .Pods.Where(pod => both.FindPod(pod.Key) is not { Addresses.IsEmpty: false } || !pod.Addresses.IsEmpty)
                .ToList()
                .ForEach(both.Upsert);
        }

        PlaceholderIps.AddTo(both);
        foreach (var state in new[] { before, after })
        {
            both.Nodes.Values.Where(node =>
                    state.Nodes.GetValueOrDefault(node.Name) is null or { Addresses.IsEmpty: true }
                )
                .ToList()
                .ForEach(state.Upsert);
            foreach (
                var pod in state.Pods.Where(static pod => pod is { Finished: false, Addresses.IsEmpty: true }).ToList()
            )
            {
                state.Upsert(
                    pod with
                    {
                        Addresses =
                            both.FindPod(pod.Key)!.HostNetwork == pod.HostNetwork
                                ? both.FindPod(pod.Key)!.Addresses
                                : [],
                    }
                );
            }
        }
    }
}

/// <summary>Which side's pods are compared.</summary>
public enum PodsOf
{
    /// <summary>Each side's own.</summary>
    Each,

    /// <summary>Those of the first; the second has none.</summary>
    Before,

    /// <summary>Those of the second; the first has none.</summary>
    After,

    /// <summary>Neither has any: there is nothing to compare.</summary>
    None,
}
