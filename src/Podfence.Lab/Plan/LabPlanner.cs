using System.Collections.Immutable;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Completes what manifests leave open. What is stated is kept; what a lab that is up chose before is kept too, so that a change moves nothing but what it names;
/// the rest is chosen by rule, the same for the same input.
/// </summary>
public static class LabPlanner
{
    /// <summary>Plans a cluster.</summary>
    /// <param name="nodes">The stated nodes. None: the nodes that pods name, filled up to two with n1 and n2.</param>
    /// <param name="pods">The stated pods. A pod without phase runs.</param>
    /// <param name="options">The network's choices; those of <paramref name="before"/> go before them.</param>
    /// <param name="before">The plan of the lab as it is, or null for a new lab.</param>
    /// <returns>The plan, or null and at least one fault.</returns>
    public static (LabPlan? Plan, ImmutableArray<LabFault> Faults) Plan(
        IEnumerable<Node> nodes,
        IEnumerable<Pod> pods,
        LabNetworkOptions options,
        LabPlan? before = null)
    {
        var statedPods = pods.OrderBy(static pod => pod.Key).ToImmutableArray();
        var faults = ImmutableArray.CreateBuilder<LabFault>();
        var nodePlans = NodePlanner.Plan([.. nodes], statedPods, before, faults);
        if ((before?.Options ?? options).PodNetwork == PodNetwork.Vxlan && !CommonFamilies(nodePlans).Any())
        {
            faults.Add(new(default, "nodes", "the nodes have no address family in common, which the tunnel needs", "give each node an address of the same family, or choose another pod network"));
        }

        var podPlans = PodPlanner.Plan(nodePlans, statedPods, before, faults);
        return faults.Count > 0 ? (null, faults.ToImmutable()) : (new LabPlan(before?.Options ?? options, nodePlans, podPlans), []);
    }

    /// <summary>Families in which all nodes have an address, IPv4 first: a tunnel device has one.</summary>
    internal static IEnumerable<IpFamily> CommonFamilies(ImmutableArray<NodePlan> nodes) =>
        IpFamilies.All.Where(family => nodes.All(node => node.Object.AddressOf(family) is not null));

    /// <summary>As <see cref="Plan"/>, for callers who have no use for a list of faults.</summary>
    /// <exception cref="LabException">The cluster cannot be built as stated; the message has a line per fault.</exception>
    public static LabPlan PlanOrThrow(IEnumerable<Node> nodes, IEnumerable<Pod> pods, LabNetworkOptions options, LabPlan? before = null)
    {
        var (plan, faults) = Plan(nodes, pods, options, before);
        return plan ?? throw new LabException(LabError.Manifests, string.Join('\n', faults));
    }
}
