using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>How pods are grouped.</summary>
public enum GroupBy
{
    /// <summary>The pods of a workload; a pod without one by itself.</summary>
    Workload,

    /// <summary>The pods of a namespace.</summary>
    Namespace,

    /// <summary>Each pod, and each node.</summary>
    Pod,

    /// <summary>
    /// The pods that have the same value of a label, or whose namespaces have it where they have none.
    /// </summary>
    Label,
}

/// <summary>How a matrix is made.</summary>
public sealed record MatrixOptions
{
    /// <summary>How pods are grouped. Default: by workload.</summary>
    public GroupBy GroupBy { get; init; } = GroupBy.Workload;

    /// <summary>The label's key, for grouping by a label.</summary>
    public string? LabelKey { get; init; }

    /// <summary>The only namespace in scope, with all its peers; null (the default) for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>
    /// Whether pods that do not exist yet are included: those that some rule matches, and any other. Default: no.
    /// </summary>
    public bool Exposure { get; init; }

    /// <summary>
    /// The parts of the external addresses; null (the default) for those that the cluster's policies distinguish. To
    /// compare two clusters, give both the parts that either of them distinguishes:
    /// <see cref="ExternalParts.Of"/>.
    /// </summary>
    public IReadOnlyList<ExternalPart>? External { get; init; }
}
