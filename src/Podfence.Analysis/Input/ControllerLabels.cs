namespace Podfence.Analysis;

/// <summary>
/// Labels that controllers add to the pods they create: no template has them, and they differ from pod to pod or from
/// rollout to rollout. https://kubernetes.io/docs/reference/labels-annotations-taints/
/// </summary>
internal static class ControllerLabels
{
    private static readonly HashSet<string> s_keys = new(StringComparer.Ordinal)
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    };

    public static bool Contains(string key) => s_keys.Contains(key);
}
