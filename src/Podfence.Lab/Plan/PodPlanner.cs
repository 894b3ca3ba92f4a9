using System.Collections.Immutable;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Completes pods: node (given, as before, or the one with the fewest pods), addresses (given, as before, or the lowest
/// free of the node's pod CIDRs), phase.
/// </summary>
internal static class PodPlanner
{
    public static ImmutableSortedDictionary<PodKey, PodPlan> Plan(
        ImmutableArray<NodePlan> nodes,
        ImmutableArray<Pod> pods,
        LabPlan? before,
        ImmutableArray<LabDiagnostic>.Builder faults
    )
    {
        var plans = ImmutableSortedDictionary.CreateBuilder<PodKey, PodPlan>();
        var assigned = AssignNodes(nodes, pods, before, faults);
        var table = new PodAddresses(nodes, faults);

        // Given addresses first, then earlier ones: newly assigned addresses must avoid both.
        foreach (var (pod, _) in assigned)
        {
            table.TakeStated(pod);
        }

        var kept = new Dictionary<PodKey, PodPlan>();
        foreach (var (pod, node) in assigned)
        {
            if (
                before?.Pods.GetValueOrDefault(pod.Key) is { } old
                && old.Object.NodeName == node.Object.Name
                && table.TryKeep(pod, old)
            )
            {
                kept[pod.Key] = old;
            }
        }

        var numbers = new PodNumbers(before);
        foreach (var (pod, node) in assigned)
        {
            var old = kept.GetValueOrDefault(pod.Key);
            var addresses =
                pod.HostNetwork ? HostAddresses(node)
                : !pod.Addresses.IsEmpty || pod.Finished ? pod.Addresses
                : old?.Object.Addresses ?? table.Choose(pod, node);
            var phase = pod.Phase == PodPhase.Pending ? PodPhase.Running : pod.Phase;
            var whole = pod with { NodeName = node.Object.Name, Addresses = addresses, Phase = phase };
            if (!plans.TryAdd(pod.Key, new PodPlan(numbers.Of(pod.Key), whole)))
            {
                faults.Add(new(pod.Location, $"pod {pod.Key}", "is defined twice", "remove one of the two"));
            }
        }

        return plans.ToImmutable();
    }

    private static List<(Pod Pod, NodePlan Node)> AssignNodes(
        ImmutableArray<NodePlan> nodes,
        ImmutableArray<Pod> pods,
        LabPlan? before,
        ImmutableArray<LabDiagnostic>.Builder faults
    )
    {
        var load = nodes.ToDictionary(static node => node.Object.Name, static _ => 0);
        var names = new Dictionary<Pod, string>(ReferenceEqualityComparer.Instance);
        foreach (var pod in pods)
        {
            var name = pod.NodeName ?? before?.Pods.GetValueOrDefault(pod.Key)?.Object.NodeName;
            if (name is null)
            {
                continue;
            }

            if (!load.ContainsKey(name))
            {
                faults.Add(
                    new(
                        pod.Location,
                        $"pod {pod.Key}",
                        $"unknown node '{name}'",
                        $"use one of {string.Join(", ", load.Keys)}, add the node, or omit spec.nodeName"
                    )
                );
                name = nodes[0].Object.Name;
            }

            names[pod] = name;
            load[name]++;
        }

        var assigned = new List<(Pod, NodePlan)>(pods.Length);
        foreach (var pod in pods)
        {
            if (!names.TryGetValue(pod, out var name))
            {
                name = nodes.MinBy(node => load[node.Object.Name])!.Object.Name;
                load[name]++;
            }

            assigned.Add((pod, nodes.First(node => node.Object.Name == name)));
        }

        return assigned;
    }

    private static EquatableArray<IpAddress> HostAddresses(NodePlan node) =>
        IpFamilies.All.Select(node.Object.AddressOf).OfType<IpAddress>().ToEquatableArray();

    /// <summary>Assigns every pod a number that it keeps; a new pod gets the lowest free one.</summary>
    private sealed class PodNumbers(LabPlan? before)
    {
        private readonly HashSet<int> _taken = [.. before?.Pods.Values.Select(static pod => pod.Number) ?? []];
        private int _next = 1;

        public int Of(PodKey key)
        {
            if (before?.Pods.GetValueOrDefault(key) is { } old)
            {
                return old.Number;
            }

            while (!_taken.Add(_next))
            {
                _next++;
            }

            return _next;
        }
    }
}
