using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// One end of a flow: an address, and what the asker takes it for: a pod, a node, or something outside the cluster.
/// Who the address really belongs to is the state's answer, see <see cref="Resolve(ClusterState, IpAddress)"/> and <see cref="Evaluator"/>.
/// </summary>
public readonly record struct FlowEnd
{
    private FlowEnd(IpAddress address, PodKey? pod, string? node)
    {
        Address = address;
        Pod = pod;
        Node = node;
    }

    /// <summary>The address in the packet.</summary>
    public IpAddress Address { get; }

    /// <summary>The pod, or null where the end is a node or outside.</summary>
    public PodKey? Pod { get; }

    /// <summary>The node's name, or null where the end is a pod or outside.</summary>
    public string? Node { get; }

    /// <summary>Whether the end is neither a pod nor a node.</summary>
    public bool IsOutside => Pod is null && Node is null;

    /// <summary>A pod at one of its addresses.</summary>
    public static FlowEnd Of(Pod pod, IpAddress address) => new(address, pod.Key, null);

    /// <summary>A pod by name.</summary>
    public static FlowEnd Of(PodKey pod, IpAddress address) => new(address, pod, null);

    /// <summary>A node. The address need not be in its status: a node also speaks from bridges and tunnels.</summary>
    public static FlowEnd Of(Node node, IpAddress address) => new(address, null, node.Name);

    /// <summary>A node by name.</summary>
    public static FlowEnd OfNode(string name, IpAddress address) => new(address, null, name);

    /// <summary>An address outside the cluster.</summary>
    public static FlowEnd Outside(IpAddress address) => new(address, null, null);

    /// <summary>What an address is in a cluster: the pod that owns it, else the node that lists it in its status (the first by name), else outside.</summary>
    public static FlowEnd Resolve(ClusterState state, IpAddress address) =>
        state.OwnerOf(address) is { } pod ? Of(pod, address) : NodeAt(state, address) is { } node ? Of(node, address) : Outside(address);

    /// <summary>namespace/pod, node:name or outside, and the address.</summary>
    public override string ToString() =>
        Pod is { } pod ? $"{pod} ({Address})" : Node is not null ? $"node:{Node} ({Address})" : Address.ToString();

    internal static Node? NodeAt(ClusterState state, IpAddress address)
    {
        Node? found = null;
        foreach (var (name, node) in state.Nodes)
        {
            if (node.Addresses.AsSpan().Contains(address) && (found is null || string.CompareOrdinal(name, found.Name) < 0))
            {
                found = node;
            }
        }

        return found;
    }
}
