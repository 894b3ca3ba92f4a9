using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Adds pods for workloads that have none: two of each, because the pods of a workload may also connect to each other;
/// they differ only in name.
/// </summary>
internal static class WorkloadPods
{
    public static void AddTo(ClusterState state, IReadOnlyList<Workload> workloads)
    {
        var present = state
            .Pods.Where(static pod => pod is { Workload: not null, Finished: false })
            .Select(static pod => (pod.Key.Namespace, pod.Workload!))
            .ToHashSet();
        // The ReplicaSet of a Deployment refers to the Deployment, so that the two count once.
        foreach (var workload in workloads.Where(workload => present.Add((workload.Namespace, workload.Ref))))
        {
            state.Upsert(Pod(workload, ""));
            state.Upsert(Pod(workload, " (another pod)"));
        }
    }

    private static Pod Pod(Workload workload, string suffix) =>
        workload.Template with
        {
            Key = new(workload.Namespace, $"{workload.Ref}{suffix}"),
            Phase = PodPhase.Running,
        };
}
