using Podfence.Rules;

namespace Podfence.Policy;

/// <summary>The fences of one local address.</summary>
internal sealed record Guard(FenceKey? Ingress, FenceKey? Egress, FencedEndpoint Endpoint)
{
    /// <summary>The keys there are.</summary>
    public IEnumerable<FenceKey> Keys => new[] { Ingress, Egress }.OfType<FenceKey>();
}
