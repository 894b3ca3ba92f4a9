using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>The kinds of objects, and how each is handled.</summary>
internal static class ObjectKinds
{
    public const string CoreVersion = "v1";
    public const string PolicyVersion = "networking.k8s.io/v1";

    private static readonly string[] s_core =
    [
        "Pod",
        "Namespace",
        "Node",
        "Binding",
        "ComponentStatus",
        "ConfigMap",
        "Endpoints",
        "Event",
        "LimitRange",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PodTemplate",
        "ReplicationController",
        "ResourceQuota",
        "Secret",
        "Service",
        "ServiceAccount",
    ];

    private static readonly string[] s_networking =
    [
        "NetworkPolicy",
        "Ingress",
        "IngressClass",
        "IPAddress",
        "ServiceCIDR",
    ];

    private static readonly string[] s_apps =
    [
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ControllerRevision",
    ];
    private static readonly string[] s_batch = ["Job", "CronJob"];

    /// <summary>Whether policy needs objects of the kind.</summary>
    public static bool IsUsed(string apiVersion, string kind) =>
        apiVersion switch
        {
            CoreVersion => kind is "Pod" or "Namespace" or "Node",
            PolicyVersion => kind is "NetworkPolicy",
            _ => false,
        };

    /// <summary>
    /// Whether the kind is a list with <c>items</c>; for typed lists also the kind of the items, which may omit it.
    /// </summary>
    public static bool IsList(string apiVersion, string kind, out string? itemKind)
    {
        var stem = kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : null;
        itemKind = string.IsNullOrEmpty(stem) ? null : stem;
        return stem is not null
            && KnownKinds(apiVersion) is { } known
            && (stem.Length == 0 ? apiVersion == CoreVersion : known.Contains(stem));
    }

    /// <summary>
    /// What to write instead of a kind that the API does not have, if it has a similar one or had it in the past.
    /// Otherwise null, and the object is ignored.
    /// </summary>
    public static string? RemedyForUnknown(string apiVersion, string kind)
    {
        if (apiVersion is CoreVersion or "extensions/v1beta1" && kind == "NetworkPolicy")
        {
            return $"write apiVersion: {PolicyVersion}";
        }

        if (apiVersion == PolicyVersion && kind is ("Pod" or "Namespace" or "Node"))
        {
            return "write apiVersion: v1";
        }

        if (KnownKinds(apiVersion) is not { } known || known.Contains(kind) || IsList(apiVersion, kind, out _))
        {
            return null;
        }

        var guess = DidYouMean.Closest(kind, known);
        return guess is null ? "check apiVersion and kind" : $"did you mean {guess}?";
    }

    private static string[]? KnownKinds(string apiVersion) =>
        apiVersion switch
        {
            CoreVersion => s_core,
            PolicyVersion => s_networking,
            WorkloadKinds.AppsVersion => s_apps,
            WorkloadKinds.BatchVersion => s_batch,
            _ => null,
        };
}
