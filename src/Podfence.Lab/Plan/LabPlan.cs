using System.Collections.Immutable;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A fully specified cluster: every node with addresses and pod CIDRs, every pod with node, addresses and phase.
/// Immutable; <see cref="LabPlanner"/> creates it, <see cref="LabNetwork"/> realizes it.
/// </summary>
/// <param name="Options">The network options.</param>
/// <param name="Nodes">All nodes, in the order of their numbers.</param>
/// <param name="Pods">All pods by key.</param>
public sealed record LabPlan(
    LabNetworkOptions Options,
    ImmutableArray<NodePlan> Nodes,
    ImmutableSortedDictionary<PodKey, PodPlan> Pods
)
{
    /// <summary>A node by name, or null.</summary>
    public NodePlan? FindNode(string name) => Nodes.FirstOrDefault(node => node.Object.Name == name);

    /// <summary>The node that a pod is on.</summary>
    public NodePlan NodeOf(PodPlan pod) => FindNode(pod.Object.NodeName!)!;

    /// <summary>The connected pod that has an address, or null.</summary>
    public PodPlan? PodAt(IpAddress address) =>
        Pods.Values.FirstOrDefault(pod => pod.IsConnected && pod.Object.Addresses.Contains(address));

    /// <summary>The node that has an address, or null.</summary>
    public NodePlan? NodeAt(IpAddress address) => Nodes.FirstOrDefault(node => node.Object.Addresses.Contains(address));
}

/// <summary>A node of a plan.</summary>
/// <param name="Number">1 for the first; part of its MAC addresses.</param>
/// <param name="Object">The node with given or assigned addresses and pod CIDRs.</param>
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
/// <param name="Number">Unique in the plan; part of its device name.</param>
/// <param name="Object">The pod with given or assigned node, addresses and phase.</param>
public sealed record PodPlan(int Number, Pod Object)
{
    /// <summary>Whether the pod has its own namespace: it runs and is not a host-network pod.</summary>
    public bool IsConnected => !Object.HostNetwork && !Object.Finished;

    /// <summary>Whether both pods need the same link: same node, same addresses.</summary>
    internal bool SameLink(PodPlan other) =>
        Number == other.Number
        && IsConnected == other.IsConnected
        && Object.NodeName == other.Object.NodeName
        && Object.Addresses == other.Object.Addresses;
}

/// <summary>A reason why a cluster cannot be created as defined.</summary>
/// <param name="Location">The location of the object.</param>
/// <param name="Subject">The object: <c>pod default/db</c>, <c>node n1</c>.</param>
/// <param name="Message">The problem.</param>
/// <param name="Remedy">The remedy.</param>
public sealed record LabDiagnostic(SourceLocation Location, string Subject, string Message, string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Location.File is null ? "" : $"{Location}: ")}{Subject}: {Message}; {Remedy}";
}
