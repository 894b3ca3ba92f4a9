using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>What the API leaves to the implementation.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>
    /// Connections of a pod to the node it runs on. Default: <see cref="PodToNode.Enforce"/>. The documentation
    /// contradicts itself (kube-network-policies #283): its introduction exempts them, its section on isolation exempts
    /// only the other direction.
    /// </summary>
    public PodToNode PodToNode { get; init; } = PodToNode.Enforce;
}
