using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One end of connections at one address, after asking the state who has it, as the evaluator does.</summary>
/// <param name="Address">The address.</param>
/// <param name="Pod">The endpoint that owns it, or null.</param>
/// <param name="Node">The node that has it, or null.</param>
public readonly record struct ReachEnd(IpAddress Address, Pod? Pod, string? Node)
{
    /// <summary>A pod at one of its addresses. A host-network pod is its node; a pod that does not own the address is whoever does.</summary>
    public static ReachEnd Of(ClusterState state, Pod pod, IpAddress address) =>
        state.OwnerOf(address) is { } owner ? new(address, owner, null) : new(address, null, pod.HostNetwork ? pod.NodeName : null);

    /// <summary>A node at one of its addresses.</summary>
    public static ReachEnd Of(ClusterState state, Node node, IpAddress address) =>
        state.OwnerOf(address) is { } owner ? new(address, owner, null) : new(address, null, node.Name);

    /// <summary>An address that nobody in the cluster has.</summary>
    public static ReachEnd External(IpAddress address) => new(address, null, null);
}
