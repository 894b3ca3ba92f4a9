using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>The fences of a local pod's address. At least one of the two is set.</summary>
/// <param name="Pod">The pod, for readers of the rules.</param>
/// <param name="Ingress">
/// Name of the fence for connections to the address, or null if the pod is not isolated for ingress.
/// </param>
/// <param name="Egress">
/// Name of the fence for connections from the address, or null if the pod is not isolated for egress.
/// </param>
public sealed record FencedEndpoint(PodKey Pod, string? Ingress, string? Egress)
{
    /// <summary>The fence of a direction, or null.</summary>
    public string? Fence(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}
