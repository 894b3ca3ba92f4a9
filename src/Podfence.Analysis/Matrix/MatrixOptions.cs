using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What pods are taken together.</summary>
public enum GroupBy
{
    /// <summary>The pods of a workload; a pod without one by itself.</summary>
    Workload,

    /// <summary>The pods of a namespace.</summary>
    Namespace,

    /// <summary>Each pod, and each node.</summary>
    Pod,

    /// <summary>The pods that have the same value of a label, or whose namespaces have it where they have none.</summary>
    Label,
}

/// <summary>How a matrix is made.</summary>
public sealed record MatrixOptions
{
    /// <summary>What pods are taken together. Default: workloads.</summary>
    public GroupBy GroupBy { get; init; } = GroupBy.Workload;

    /// <summary>The label's key, where pods are taken together by a label.</summary>
    public string? LabelKey { get; init; }

    /// <summary>The only namespace whose connections are wanted, with whomever; null (the default) for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether pods that do not exist yet are looked at too: those that some rule means, and any other. Default: no.</summary>
    public bool Exposure { get; init; }

    /// <summary>
    /// The parts of the external addresses; null (the default) for those that the cluster's policies tell apart. To compare two clusters, give both the parts that either of them tells apart:
    /// <see cref="ExternalParts.Of"/>.
    /// </summary>
    public IReadOnlyList<ExternalPart>? External { get; init; }
}
