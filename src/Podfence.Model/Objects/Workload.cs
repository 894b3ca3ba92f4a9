namespace Podfence.Model;

/// <summary>Names the workload that a pod belongs to; the namespace is the pod's.</summary>
/// <param name="Kind">The kind as the API writes it: <c>Deployment</c>.</param>
/// <param name="Name">The name.</param>
public sealed record WorkloadRef(string Kind, string Name)
{
    private static readonly WeakPool<WorkloadRef> s_pool = new();

    /// <summary>Kind/name, the kind in lower case as kubectl prints it.</summary>
    public override string ToString() => $"{Kind.ToLowerInvariant()}/{Name}";

    /// <summary>
    /// The workload that users know, from the object that controls a pod: for a ReplicaSet whose name ends in the pod's
    /// template hash, its Deployment; for a Job whose name ends in the minute of its schedule, its CronJob; otherwise
    /// the object itself.
    /// </summary>
    public static WorkloadRef OfController(string kind, string name, LabelSet labels)
    {
        if (
            kind == WorkloadKinds.ReplicaSet
            && labels["pod-template-hash"] is { Length: > 0 } hash
            && Stem(name, hash.Length) is { } deployment
            && name.EndsWith(hash, StringComparison.Ordinal)
        )
        {
            return Create(WorkloadKinds.Deployment, deployment);
        }

        return OfJob(kind, name);
    }

    /// <summary>The pooled value: the pods of a workload share one.</summary>
    public static WorkloadRef Create(string kind, string name) =>
        s_pool.Intern(new(kind, name), static value =>
            new(LabelInterner.Intern(value.Kind), LabelInterner.Intern(value.Name))
        );

    // The controller names a Job after the minutes since the epoch at which it was due: eight digits until the year
    // 2160.
    private static WorkloadRef OfJob(string kind, string name) =>
        kind == WorkloadKinds.Job
        && Stem(name, 8) is { } cronJob
        && !name.AsSpan(name.Length - 8).ContainsAnyExceptInRange('0', '9')
            ? Create(WorkloadKinds.CronJob, cronJob)
            : Create(kind, name);

    private static string? Stem(string name, int suffix) =>
        name.Length > suffix + 1 && name[^(suffix + 1)] == '-' ? name[..^(suffix + 1)] : null;
}

/// <summary>
/// A workload with the template of its pods. It represents them if the pods themselves are not known.
/// </summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Ref">
/// Kind and name; for a ReplicaSet or Job that another workload created, those of that workload.
/// </param>
/// <param name="Template">A pod as the workload would create it, without name, node and address.</param>
/// <param name="Location">Where the workload was read.</param>
public sealed record Workload(string Namespace, WorkloadRef Ref, Pod Template, SourceLocation Location);

/// <summary>The kinds of workload, by the names that users type.</summary>
public static class WorkloadKinds
{
    /// <summary>apps/v1 Deployment.</summary>
    public const string Deployment = "Deployment";

    /// <summary>apps/v1 ReplicaSet.</summary>
    public const string ReplicaSet = "ReplicaSet";

    /// <summary>batch/v1 Job.</summary>
    public const string Job = "Job";

    /// <summary>batch/v1 CronJob.</summary>
    public const string CronJob = "CronJob";

    /// <summary>The API version of Deployment, ReplicaSet, StatefulSet and DaemonSet.</summary>
    public const string AppsVersion = "apps/v1";

    /// <summary>The API version of Job and CronJob.</summary>
    public const string BatchVersion = "batch/v1";

    // Short names and plurals are kubectl's.
    private static readonly Dictionary<string, string> s_byName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["deployment"] = Deployment,
        ["deployments"] = Deployment,
        ["deploy"] = Deployment,
        ["statefulset"] = "StatefulSet",
        ["statefulsets"] = "StatefulSet",
        ["sts"] = "StatefulSet",
        ["daemonset"] = "DaemonSet",
        ["daemonsets"] = "DaemonSet",
        ["ds"] = "DaemonSet",
        ["replicaset"] = ReplicaSet,
        ["replicasets"] = ReplicaSet,
        ["rs"] = ReplicaSet,
        ["job"] = Job,
        ["jobs"] = Job,
        ["cronjob"] = CronJob,
        ["cronjobs"] = CronJob,
        ["cj"] = CronJob,
    };

    /// <summary>The kind that a word names (<c>deploy</c>, <c>Deployment</c>, <c>deployments</c>), or null.</summary>
    public static string? Find(string word) => s_byName.GetValueOrDefault(word);

    /// <summary>Whether objects of the kind are workloads whose pods have a template.</summary>
    public static bool IsWorkload(string apiVersion, string kind) =>
        apiVersion switch
        {
            AppsVersion => kind is Deployment or ReplicaSet or "StatefulSet" or "DaemonSet",
            BatchVersion => kind is Job or CronJob,
            _ => false,
        };
}
