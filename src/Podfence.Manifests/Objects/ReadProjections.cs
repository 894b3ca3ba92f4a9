using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// The fields that the readers of each kind use. A reader that uses a further field needs it here too: a test compares
/// objects read through these projections with objects read completely.
/// </summary>
internal static class ReadProjections
{
    private static readonly Projection s_metadata = Projection.OfNames(
        "name",
        "namespace",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "labels"
    );

    private static readonly Projection s_ownedMetadata = Projection.Of(
        ("name", Projection.All),
        ("namespace", Projection.All),
        ("creationTimestamp", Projection.All),
        ("deletionTimestamp", Projection.All),
        ("labels", Projection.All),
        ("ownerReferences", Projection.OfNames("kind", "name", "controller"))
    );

    private static readonly Projection s_annotatedMetadata = s_metadata.And(
        "annotations",
        Projection.OfNames(LintAnnotations.Ignore)
    );

    private static readonly Projection s_containers = Projection.Of(
        ("ports", Projection.OfNames("containerPort", "name", "protocol"))
    );

    private static readonly Projection s_podSpec = Projection.Of(
        ("containers", s_containers),
        ("initContainers", s_containers),
        ("nodeName", Projection.All),
        ("hostNetwork", Projection.All)
    );

    private static readonly Projection s_podStatus = Projection.Of(
        ("phase", Projection.All),
        ("podIP", Projection.All),
        ("podIPs", Projection.OfNames("ip"))
    );

    private static readonly Projection s_pod = Projection.Of(
        ("metadata", s_metadata),
        ("spec", s_podSpec),
        ("status", s_podStatus)
    );

    private static readonly Projection s_ownedPod = Projection.Of(
        ("metadata", s_ownedMetadata),
        ("spec", s_podSpec),
        ("status", s_podStatus)
    );

    private static readonly Projection s_template = Projection.Of(
        ("metadata", Projection.OfNames("labels")),
        ("spec", s_podSpec)
    );

    private static readonly Projection s_namespace = Projection.Of(("metadata", s_metadata));

    private static readonly Projection s_annotatedNamespace = Projection.Of(("metadata", s_annotatedMetadata));

    private static readonly Projection s_node = Projection.Of(
        ("metadata", s_metadata),
        ("spec", Projection.OfNames("podCIDR", "podCIDRs")),
        ("status", Projection.Of(("addresses", Projection.OfNames("type", "address"))))
    );

    private static readonly Projection s_policy = Projection.Of(("metadata", s_metadata), ("spec", Projection.All));

    private static readonly Projection s_annotatedPolicy = Projection.Of(
        ("metadata", s_annotatedMetadata),
        ("spec", Projection.All)
    );

    /// <summary>The fields of a workload of any kind: its template, and whether it has finished.</summary>
    public static Projection Workload { get; } =
        Projection.Of(
            ("metadata", s_ownedMetadata),
            (
                "spec",
                Projection.Of(
                    ("template", s_template),
                    ("jobTemplate", Projection.Of(("spec", Projection.Of(("template", s_template)))))
                )
            ),
            ("status", Projection.Of(("conditions", Projection.OfNames("type", "status"))))
        );

    /// <summary>
    /// The fields of a kind that policy needs, and those that listings add: owners and lint annotations.
    /// </summary>
    public static Projection OfListed(string kind) =>
        kind switch
        {
            nameof(Pod) => s_ownedPod,
            nameof(Namespace) => s_annotatedNamespace,
            nameof(NetworkPolicy) => s_annotatedPolicy,
            _ => Of(kind),
        };

    /// <summary>The fields of a kind that policy needs.</summary>
    public static Projection Of(string kind) =>
        kind switch
        {
            nameof(Pod) => s_pod,
            nameof(Namespace) => s_namespace,
            nameof(Node) => s_node,
            nameof(NetworkPolicy) => s_policy,
            _ => throw new ArgumentException($"policy does not need objects of kind {kind}", nameof(kind)),
        };
}
