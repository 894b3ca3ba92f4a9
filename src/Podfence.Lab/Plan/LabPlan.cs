using System.Collections.Immutable;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A cluster with nothing left open: every node with addresses and pod CIDRs, every pod with node, addresses and phase. A value; <see cref="LabPlanner"/> makes it,
/// <see cref="LabNetwork"/> builds it.
/// </summary>
/// <param name="Options">The choices it was made with.</param>
/// <param name="Nodes">All nodes, in the order of their numbers.</param>
/// <param name="Pods">All pods by key.</param>
public sealed record LabPlan(LabNetworkOptions Options, ImmutableArray<NodePlan> Nodes, ImmutableSortedDictionary<PodKey, PodPlan> Pods)
{
    /// <summary>A node by name, or null.</summary>
    public NodePlan? FindNode(string name) => Nodes.FirstOrDefault(node => node.Object.Name == name);

    /// <summary>The node that a pod is on.</summary>
    public NodePlan NodeOf(PodPlan pod) => FindNode(pod.Object.NodeName!)!;

    /// <summary>The pods of a node that have a namespace of their own.</summary>
    public IEnumerable<PodPlan> ConnectedPodsOn(NodePlan node) => Pods.Values.Where(pod => pod.IsConnected && pod.Object.NodeName == node.Object.Name);

    /// <summary>The connected pod that has an address, or null.</summary>
    public PodPlan? PodAt(IpAddress address) => Pods.Values.FirstOrDefault(pod => pod.IsConnected && pod.Object.Addresses.Contains(address));

    /// <summary>The node that has an address, or null.</summary>
    public NodePlan? NodeAt(IpAddress address) => Nodes.FirstOrDefault(node => node.Object.Addresses.Contains(address));
}

/// <summary>A node of a plan.</summary>
/// <param name="Number">1 for the first; part of its hardware addresses.</param>
/// <param name="Object">The node with addresses and pod CIDRs stated or chosen.</param>
public sealed record NodePlan(int Number, Node Object)
{
    /// <summary>The node's pod CIDR of a family, or null.</summary>
    public Cidr? PodCidr(IpFamily family)
    {
        foreach (var cidr in Object.PodCidrs)
        {
            if (cidr.Family == family)
            {
                return cidr;
            }
        }

        return null;
    }
}

/// <summary>A pod of a plan.</summary>
/// <param name="Number">Unique among the living pods of the plan; part of its device's name.</param>
/// <param name="Object">The pod with node, addresses and phase stated or chosen.</param>
public sealed record PodPlan(int Number, Pod Object)
{
    /// <summary>Whether the pod has a namespace of its own: it runs, and not in its node's namespace.</summary>
    public bool IsConnected => !Object.HostNetwork && !Object.Finished;

    /// <summary>Whether what is built for the pod also serves the other: same link, same addresses.</summary>
    internal bool SameLink(PodPlan other) =>
        Number == other.Number && IsConnected == other.IsConnected && Object.NodeName == other.Object.NodeName && Object.Addresses == other.Object.Addresses;
}

/// <summary>Why a cluster cannot be built as stated.</summary>
/// <param name="Location">Where the object was read.</param>
/// <param name="Subject">The object: <c>pod default/db</c>, <c>node n1</c>.</param>
/// <param name="Message">What cannot be.</param>
/// <param name="Remedy">What to change.</param>
public sealed record LabFault(SourceLocation Location, string Subject, string Message, string Remedy)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"{(Location.File is null ? "" : $"{Location}: ")}{Subject}: {Message}; {Remedy}";
}
