using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A kind of objects to list for a command.</summary>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
/// <param name="Resource">The resource, as RBAC names it: <c>networkpolicies.networking.k8s.io</c>.</param>
/// <param name="Path">The collection's path.</param>
internal sealed record ListedKind(string Kind, string Resource, string Path)
{
    /// <summary>For an optional kind, the effect of its absence; null for a required kind.</summary>
    public string? OptionalNote { get; private init; }

    /// <summary>Whether objects of the kind stand for pods.</summary>
    public bool IsWorkload { get; private init; }

    /// <summary>In the order of the output; of two workloads that stand for the same pods the first counts.</summary>
    public static IReadOnlyList<ListedKind> All { get; } =
    [
        new(nameof(Namespace), "namespaces", WatchedKind.Namespaces.Path),
        new(nameof(Node), "nodes", WatchedKind.Nodes.Path)
        {
            OptionalNote = "node addresses are treated as external addresses",
        },
        new(nameof(NetworkPolicy), "networkpolicies.networking.k8s.io", WatchedKind.NetworkPolicies.Path),
        new(nameof(Pod), "pods", WatchedKind.Pods.Path),
        Workloads(WorkloadKinds.Deployment, "deployments.apps"),
        Workloads("StatefulSet", "statefulsets.apps"),
        Workloads("DaemonSet", "daemonsets.apps"),
        Workloads(WorkloadKinds.ReplicaSet, "replicasets.apps"),
        Workloads(WorkloadKinds.CronJob, "cronjobs.batch"),
        Workloads(WorkloadKinds.Job, "jobs.batch"),
    ];

    private static ListedKind Workloads(string kind, string resource)
    {
        var at = resource.IndexOf('.', StringComparison.Ordinal);
        return new(kind, resource, $"/apis/{resource[(at + 1)..]}/v1/{resource[..at]}")
        {
            IsWorkload = true,
            OptionalNote = "workloads without pods are not included",
        };
    }
}
