using System.Collections.Immutable;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Completes nodes. Assigned addresses are 100.64.0.N and fd00:100:64::N, pod CIDRs 10.244.N-1.0/24 and
/// fd00:10:244:N-1::/64, which policies hardly ever match by accident.
/// </summary>
internal static class NodePlanner
{
    private const int MinNodes = 2;

    public static ImmutableArray<NodePlan> Plan(
        ImmutableArray<Node> stated,
        ImmutableArray<Pod> pods,
        LabPlan? before,
        ImmutableArray<LabDiagnostic>.Builder faults
    )
    {
        if (before is not null)
        {
            return Update(stated, before, faults);
        }

        var nodes = stated.IsEmpty
            ? Imply(pods)
            : [.. stated.OrderBy(static node => node.Name, StringComparer.Ordinal)];
        var taken = new HashSet<IpAddress>(
            nodes.SelectMany(static node => node.Addresses).Concat(pods.SelectMany(static pod => pod.Addresses))
        );
        var blocks = nodes.SelectMany(static node => node.PodCidrs).ToList();
        var plans = ImmutableArray.CreateBuilder<NodePlan>(nodes.Length);
        foreach (var node in nodes)
        {
            var number = plans.Count + 1;
            var addresses = node.Addresses.IsEmpty
                ? [.. IpFamilies.All.Select(family => ChooseAddress(family, taken, blocks))]
                : node.Addresses;
            var families = addresses.Select(static address => address.Family).Distinct();
            EquatableArray<Cidr> cidrs = node.PodCidrs.IsEmpty
                ? [.. families.Order().Select(family => ChooseCidr(family, number, blocks, taken))]
                : node.PodCidrs;
            plans.Add(new NodePlan(number, node with { Addresses = addresses, PodCidrs = cidrs }));
        }

        Check(plans, faults);
        return plans.ToImmutable();
    }

    /// <summary>The nodes of a running lab are fixed; only labels may change.</summary>
    private static ImmutableArray<NodePlan> Update(
        ImmutableArray<Node> stated,
        LabPlan before,
        ImmutableArray<LabDiagnostic>.Builder faults
    )
    {
        var plans = before.Nodes.ToDictionary(static plan => plan.Object.Name);
        foreach (var node in stated)
        {
            if (!plans.TryGetValue(node.Name, out var plan))
            {
                faults.Add(
                    new(
                        node.Location,
                        $"node {node.Name}",
                        "nodes cannot be added to a running lab",
                        "restart the lab with this node"
                    )
                );
            }
            else if (
                (!node.Addresses.IsEmpty && node.Addresses != plan.Object.Addresses)
                || (!node.PodCidrs.IsEmpty && node.PodCidrs != plan.Object.PodCidrs)
            )
            {
                faults.Add(
                    new(
                        node.Location,
                        $"node {node.Name}",
                        "addresses and pod CIDRs of a node cannot change in a running lab",
                        "restart the lab"
                    )
                );
            }
            else
            {
                plans[node.Name] = plan with
                {
                    Object = node with { Addresses = plan.Object.Addresses, PodCidrs = plan.Object.PodCidrs },
                };
            }
        }

        return [.. before.Nodes.Select(plan => plans[plan.Object.Name])];
    }

    private static ImmutableArray<Node> Imply(ImmutableArray<Pod> pods)
    {
        var names = new SortedSet<string>(
            pods.Where(static pod => pod.NodeName is not null).Select(static pod => pod.NodeName!),
            StringComparer.Ordinal
        );
        for (var number = 1; names.Count < MinNodes; number++)
        {
            names.Add($"n{number}");
        }

        return [.. names.Select(static name => new Node { Name = name })];
    }

    private static IpAddress ChooseAddress(IpFamily family, HashSet<IpAddress> taken, List<Cidr> blocks)
    {
        var first = IpAddress.Parse(family == IpFamily.IPv4 ? "100.64.0.1" : "fd00:100:64::1");
        for (var address = first; ; address = address.Plus(1))
        {
            if (!blocks.Exists(block => block.Contains(address)) && taken.Add(address))
            {
                return address;
            }
        }
    }

    private static Cidr ChooseCidr(IpFamily family, int number, List<Cidr> blocks, HashSet<IpAddress> taken)
    {
        var (first, length) =
            family == IpFamily.IPv4 ? (IpAddress.Parse("10.244.0.0"), 24) : (IpAddress.Parse("fd00:10:244::"), 64);
        var size = UInt128.One << (family.Bits() - length);
        for (var i = (uint)number - 1; ; i++)
        {
            var cidr = new Cidr(first.Plus(size * i), length);
            if (
                !blocks.Exists(block => block.Contains(cidr) || cidr.Contains(block))
                && !taken.Contains(cidr.Network.Plus(1))
            )
            {
                blocks.Add(cidr);
                return cidr;
            }
        }
    }

    private static void Check(IEnumerable<NodePlan> plans, ImmutableArray<LabDiagnostic>.Builder faults)
    {
        var addresses = new Dictionary<IpAddress, string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var blocks = new List<(Cidr Cidr, string Node)>();
        foreach (var node in plans.Select(static plan => plan.Object))
        {
            void Fault(string message, string remedy) =>
                faults.Add(new(node.Location, $"node {node.Name}", message, remedy));
            if (!names.Add(node.Name))
            {
                Fault("is defined twice", "remove one of the two");
                continue;
            }

            foreach (var address in node.Addresses)
            {
                if (!AddressRules.IsUsable(address))
                {
                    Fault($"{address} cannot be a node's address", "use a unicast address, or none");
                }
                else if (!addresses.TryAdd(address, node.Name))
                {
                    Fault(
                        $"{address} is also the address of node {addresses[address]}",
                        "change status.addresses of one of them"
                    );
                }
            }

            foreach (var cidr in node.PodCidrs)
            {
                var other = blocks.Find(block => block.Cidr.Contains(cidr) || cidr.Contains(block.Cidr));
                if (other.Node is not null)
                {
                    Fault(
                        $"pod CIDR {cidr} overlaps with {other.Cidr} of node {other.Node}",
                        "change spec.podCIDRs of one of them"
                    );
                }

                blocks.Add((cidr, node.Name));
            }
        }
    }
}
