using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// One end of a flow: an address, and the pod, node or external host that the caller assumes to have it. The state
/// decides who really owns the address; see <see cref="Resolve(ClusterState, IpAddress)"/> and <see cref="Evaluator"/>.
/// </summary>
public readonly record struct FlowEndpoint
{
    private FlowEndpoint(IpAddress address, PodKey? pod, string? node)
    {
        Address = address;
        Pod = pod;
        Node = node;
    }

    /// <summary>The address in the packet.</summary>
    public IpAddress Address { get; }

    /// <summary>The pod; null for a node or an external address.</summary>
    public PodKey? Pod { get; }

    /// <summary>The node's name; null for a pod or an external address.</summary>
    public string? Node { get; }

    /// <summary>Whether the endpoint is neither a pod nor a node.</summary>
    public bool IsExternal => Pod is null && Node is null;

    /// <summary>A pod at one of its addresses.</summary>
    public static FlowEndpoint Of(Pod pod, IpAddress address) => new(address, pod.Key, null);

    /// <summary>A pod by name.</summary>
    public static FlowEndpoint Of(PodKey pod, IpAddress address) => new(address, pod, null);

    /// <summary>
    /// A node. The address need not be in its status: a node also uses addresses of bridges and tunnels.
    /// </summary>
    public static FlowEndpoint Of(Node node, IpAddress address) => new(address, null, node.Name);

    /// <summary>A node by name.</summary>
    public static FlowEndpoint OfNode(string name, IpAddress address) => new(address, null, name);

    /// <summary>An external address.</summary>
    public static FlowEndpoint External(IpAddress address) => new(address, null, null);

    /// <summary>
    /// What an address is in a cluster: the pod that owns it, otherwise the node that has it in its status (the first
    /// by name), otherwise external.
    /// </summary>
    public static FlowEndpoint Resolve(ClusterState state, IpAddress address) =>
        state.OwnerOf(address) is { } pod ? Of(pod, address)
        : NodeAt(state, address) is { } node ? Of(node, address)
        : External(address);

    /// <summary>namespace/pod or node:name with the address; the address alone if it is external.</summary>
    public override string ToString() =>
        Pod is { } pod ? $"{pod} ({Address})"
        : Node is not null ? $"node:{Node} ({Address})"
        : Address.ToString();

    internal static Node? NodeAt(ClusterState state, IpAddress address)
    {
        Node? found = null;
        foreach (var (name, node) in state.Nodes)
        {
            if (
                node.Addresses.AsSpan().Contains(address)
                && (found is null || string.CompareOrdinal(name, found.Name) < 0)
            )
            {
                found = node;
            }
        }

        return found;
    }
}
