using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Puts pods in for workloads that have none. Two of each, because whether the pods of a workload reach each other is a question too;
/// they are alike in everything but the name.
/// </summary>
internal static class WorkloadPods
{
    public static void AddTo(ClusterState state, IReadOnlyList<Workload> workloads)
    {
        var present = state.Pods.Where(static pod => pod is { Workload: not null, Finished: false }).Select(static pod => (pod.Key.Namespace, pod.Workload!)).ToHashSet();
        // A ReplicaSet that a Deployment has made bears the Deployment's name, so that the two stand for one thing.
        foreach (var workload in workloads.Where(workload => present.Add((workload.Namespace, workload.Ref))))
        {
            state.Upsert(Pod(workload, ""));
            state.Upsert(Pod(workload, " (another pod)"));
        }
    }

    private static Pod Pod(Workload workload, string suffix) =>
        workload.Template with { Key = new(workload.Namespace, $"{workload.Ref}{suffix}"), Phase = PodPhase.Running };
}
