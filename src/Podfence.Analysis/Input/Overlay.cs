using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Applies objects to others, as the API server and the controllers would.</summary>
internal static class Overlay
{
    /// <summary>The objects of both.</summary>
    public static ClusterInput Of(ClusterInput below, ClusterInput above)
    {
        var state = below.State;
        List<string> implied =
        [
            .. below.ImpliedNamespaces.Where(name =>
                above.ImpliedNamespaces.Contains(name) || !above.State.Namespaces.ContainsKey(name)
            ),
            .. above.ImpliedNamespaces.Where(name => !state.Namespaces.ContainsKey(name)),
        ];
        foreach (
            var space in above.State.Namespaces.Values.Where(space =>
                !above.ImpliedNamespaces.Contains(space.Name) || !state.Namespaces.ContainsKey(space.Name)
            )
        )
        {
            state.Upsert(space);
        }

        foreach (var node in above.State.Nodes.Values)
        {
            var known = state.Nodes.GetValueOrDefault(node.Name);
            state.Upsert(
                known is null
                    ? node
                    : node with
                    {
                        Addresses = node.Addresses.IsEmpty ? known.Addresses : node.Addresses,
                        PodCidrs = node.PodCidrs.IsEmpty ? known.PodCidrs : node.PodCidrs,
                    }
            );
        }

        foreach (var policy in above.State.Policies)
        {
            state.Upsert(policy);
        }

        above.Workloads.ToList().ForEach(workload => RollOut(state, workload));
        above
            .State.Pods.ToList()
            .ForEach(pod => state.Upsert(state.FindPod(pod.Key) is { } running ? Applied(running, pod) : pod));
        var applied = above.Workloads.Select(static workload => (workload.Namespace, workload.Ref)).ToHashSet();
        return new(
            state,
            [
                .. above.Workloads,
                .. below.Workloads.Where(workload => !applied.Contains((workload.Namespace, workload.Ref))),
            ],
            [.. below.Diagnostics, .. above.Diagnostics]
        )
        {
            ImpliedNamespaces = implied,
            ObjectSources = above.ObjectSources,
            LintIgnores = LintIgnores(below, above),
        };
    }

    private static Dictionary<ObjectReference, string> LintIgnores(ClusterInput below, ClusterInput above)
    {
        var replaced = above
            .State.Policies.Select(static policy => ClusterObject.Of(policy).Reference)
            .Concat(
                above
                    .State.Namespaces.Values.Where(space => !above.ImpliedNamespaces.Contains(space.Name))
                    .Select(static space => ClusterObject.Of(space).Reference)
            )
            .ToHashSet();
        return below.LintIgnores.Where(item => !replaced.Contains(item.Key)).Concat(above.LintIgnores).ToDictionary();
    }

    /// <summary>Updates the pods of a workload from its template; nodes and addresses stay.</summary>
    private static void RollOut(ClusterState state, Workload workload)
    {
        foreach (
            var pod in state
                .PodsIn(workload.Namespace)
                .Where(pod => pod is { Finished: false } && workload.Ref == pod.Workload)
                .ToList()
        )
        {
            var kept = pod.Labels.Where(static label => ControllerLabels.Contains(label.Key));
            state.Upsert(
                pod with
                {
                    Labels = LabelSet.Create(workload.Template.Labels.Concat(kept)),
                    Ports = workload.Template.Ports,
                    HostNetwork = workload.Template.HostNetwork,
                    Addresses = workload.Template.HostNetwork == pod.HostNetwork ? pod.Addresses : [],
                    Location = workload.Template.Location,
                }
            );
        }
    }

    // A manifest has no status; the server keeps the one that there is.
    private static Pod Applied(Pod running, Pod pod) =>
        pod with
        {
            Addresses =
                pod.Addresses.IsEmpty && pod.HostNetwork == running.HostNetwork ? running.Addresses : pod.Addresses,
            NodeName = pod.NodeName ?? running.NodeName,
            Phase = pod.Phase == PodPhase.Pending ? running.Phase : pod.Phase,
            CreatedAt = running.CreatedAt,
            Terminating = running.Terminating,
            Workload = pod.Workload ?? running.Workload,
        };
}
