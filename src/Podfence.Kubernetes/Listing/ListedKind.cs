using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A kind of objects that is listed for people.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Resource">The resource as rights name it: <c>networkpolicies.networking.k8s.io</c>.</param>
/// <param name="Path">The collection's path.</param>
internal sealed record ListedKind(string Kind, string Resource, string Path)
{
    /// <summary>What is left out where the kind may not be listed or is not served; null where nothing can be said without it.</summary>
    public string? WithoutIt { get; private init; }

    /// <summary>Whether objects of the kind stand for pods.</summary>
    public bool IsWorkload { get; private init; }

    /// <summary>In the order in which objects are put together; of two workloads that stand for the same pods the first counts.</summary>
    public static IReadOnlyList<ListedKind> All { get; } =
    [
        new(nameof(Namespace), "namespaces", WatchedKind.Namespaces.Path),
        new(nameof(Node), "nodes", WatchedKind.Nodes.Path) { WithoutIt = "addresses of nodes are taken for addresses outside the cluster" },
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
        return new(kind, resource, $"/apis/{resource[(at + 1)..]}/v1/{resource[..at]}") { IsWorkload = true, WithoutIt = "those without pods are not seen" };
    }
}
