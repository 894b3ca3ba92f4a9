using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>The fences of one local address.</summary>
internal sealed class AddressFences
{
    /// <summary>Takes the fences there are: one at least.</summary>
    public AddressFences(FenceKey? ingress, FenceKey? egress, Model.PodKey pod)
    {
        Keys = ingress is null ? [egress!] : egress is null ? [ingress] : [ingress, egress];
        Endpoint = new FencedEndpoint(pod, ingress?.Name, egress?.Name);
    }

    /// <summary>The keys there are.</summary>
    public FenceKey[] Keys { get; }

    /// <summary>What the dataplane is told.</summary>
    public FencedEndpoint Endpoint { get; }
}
