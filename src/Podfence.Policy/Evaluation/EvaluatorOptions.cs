namespace Podfence.Policy;

/// <summary>What the API leaves to the implementation.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>Connections of a pod to the node it runs on. Default: <see cref="OwnNodeEgress.Fence"/>.</summary>
    public OwnNodeEgress OwnNodeEgress { get; init; } = OwnNodeEgress.Fence;
}

/// <summary>
/// Connections of a pod to its own node. The documentation contradicts itself (kube-network-policies #283): its introduction frees them,
/// its section on isolation frees only the other direction.
/// </summary>
public enum OwnNodeEgress
{
    /// <summary>The pod's egress policies apply, as in Calico, kube-router and kube-network-policies.</summary>
    Fence,

    /// <summary>They are always allowed.</summary>
    Allow,
}
