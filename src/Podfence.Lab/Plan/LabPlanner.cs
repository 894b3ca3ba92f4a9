using System.Collections.Immutable;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Completes manifests. Given values are kept, and so are values that the running lab has assigned, so that a change
/// affects only what it names. The rest is assigned deterministically.
/// </summary>
public static class LabPlanner
{
    /// <summary>Plans a cluster.</summary>
    /// <param name="nodes">
    /// The given nodes. If there are none: the nodes that pods name, and n1 and n2 up to a total of two.
    /// </param>
    /// <param name="pods">The given pods. A pod without phase runs.</param>
    /// <param name="options">The network options; those of <paramref name="before"/> take precedence.</param>
    /// <param name="before">The plan of the running lab, or null for a new lab.</param>
    /// <returns>The plan, or null and at least one error.</returns>
    public static (LabPlan? Plan, ImmutableArray<LabDiagnostic> Faults) Plan(
        IEnumerable<Node> nodes,
        IEnumerable<Pod> pods,
        LabNetworkOptions options,
        LabPlan? before = null
    )
    {
        var statedPods = pods.OrderBy(static pod => pod.Key).ToImmutableArray();
        var faults = ImmutableArray.CreateBuilder<LabDiagnostic>();
        var nodePlans = NodePlanner.Plan([.. nodes], statedPods, before, faults);
        if ((before?.Options ?? options).PodNetwork == PodNetwork.Vxlan && !CommonFamilies(nodePlans).Any())
        {
            faults.Add(
                new(
                    default,
                    "nodes",
                    "the nodes have no address family in common, which the tunnel needs",
                    "give each node an address of the same family, or choose another pod network"
                )
            );
        }

        var podPlans = PodPlanner.Plan(nodePlans, statedPods, before, faults);
        return faults.Count > 0
            ? (null, faults.ToImmutable())
            : (new LabPlan(before?.Options ?? options, nodePlans, podPlans), []);
    }

    /// <summary>Families in which all nodes have an address, IPv4 first. A tunnel device uses one family.</summary>
    internal static IEnumerable<IpFamily> CommonFamilies(ImmutableArray<NodePlan> nodes) =>
        IpFamilies.All.Where(family => nodes.All(node => node.Object.AddressOf(family) is not null));

    /// <summary>As <see cref="Plan"/>, with errors as an exception.</summary>
    /// <exception cref="LabException">
    /// The cluster cannot be created as defined; the message has a line per error.
    /// </exception>
    public static LabPlan PlanOrThrow(
        IEnumerable<Node> nodes,
        IEnumerable<Pod> pods,
        LabNetworkOptions options,
        LabPlan? before = null
    )
    {
        var (plan, faults) = Plan(nodes, pods, options, before);
        return plan ?? throw new LabException(LabError.Manifests, string.Join('\n', faults));
    }
}
