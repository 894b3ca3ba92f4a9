using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One endpoint at one address, resolved by the owner of the address, as in the evaluator.</summary>
/// <param name="Address">The address.</param>
/// <param name="Pod">The endpoint that owns it, or null.</param>
/// <param name="Node">The node that has it, or null.</param>
public readonly record struct ReachEndpoint(IpAddress Address, Pod? Pod, string? Node)
{
    /// <summary>
    /// A pod at one of its addresses. A host-network pod is its node; for an address that the pod does not own, the
    /// owner.
    /// </summary>
    public static ReachEndpoint Of(ClusterState state, Pod pod, IpAddress address) =>
        state.OwnerOf(address) is { } owner
            ? new(address, owner, null)
            : new(address, null, pod.HostNetwork ? pod.NodeName : null);

    /// <summary>A node at one of its addresses.</summary>
    public static ReachEndpoint Of(ClusterState state, Node node, IpAddress address) =>
        state.OwnerOf(address) is { } owner ? new(address, owner, null) : new(address, null, node.Name);

    /// <summary>An address that nothing in the cluster has.</summary>
    public static ReachEndpoint External(IpAddress address) => new(address, null, null);
}
