using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>The fences of one local address: at least one of the two.</summary>
internal sealed class AddressFences(FenceKey? ingress, FenceKey? egress, PodKey pod)
{
    public FenceKey[] Keys { get; } =
        ingress is null ? [egress!]
        : egress is null ? [ingress]
        : [ingress, egress];

    public FencedEndpoint Endpoint { get; } = new(pod, ingress?.Name, egress?.Name);
}
