using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Compilation.Tests;

public sealed class RuleProvenanceTests
{
    [Fact]
    public void Of_EveryRuleOfRandomClusters_FindsPolicyLinesThatMatchTheSameFlows() => Cases.Check(400, cluster =>
        {
            var state = cluster.ToState();
            var seed = cluster.Pods.Count + cluster.Policies.Count;
            var options = new CompilerOptions
            {
                MaxLinearRules = seed % 3 == 0 ? 0 : 12,
                MaxSetsPerLookup = seed % 2 == 0 ? 1 : 100,
            };
            foreach (var node in state.Pods.Select(static pod => pod.NodeName).OfType<string>().Distinct())
            {
                var ruleset = new NodeCompiler(state, node, options).Snapshot();
                var origins = new RuleProvenance(state, ruleset, options);
                var rules = ruleset.Fences.Values.ToDictionary(
                    static fence => fence.Name,
                    fence =>
                        RulesOf(fence)
                            .Select(item =>
                                (item.Rule, item.Branch, Origins: origins.Of(fence, item.Rule, item.Branch))
                            )
                            .ToList()
                );
                foreach (var (rule, _, found) in rules.Values.SelectMany(static items => items))
                {
                    if (!found.Select(static origin => origin.Policy.Key).Distinct().SequenceEqual(rule.Policies))
                    {
                        return $"{rule} comes from {string.Join(", ", rule.Policies)}, but lines were found in "
                            + $"{string.Join(", ", found.Select(static origin => origin.Policy.Key))}";
                    }
                }

                if (FindMismatch(state, ruleset, rules, exact: options.MaxSetsPerLookup > 1) is { } mismatch)
                {
                    return mismatch;
                }
            }

            return null;
        });

    /// <summary>
    /// A flow that a rule allows matches one of the policy lines that were found for it; all of them if neither sets
    /// nor branches were united.
    /// </summary>
    private static string? FindMismatch(
        ClusterState state,
        Ruleset ruleset,
        Dictionary<string, List<(AllowRule Rule, PortRange? Branch, IReadOnlyList<RuleOrigin> Origins)>> rules,
        bool exact
    )
    {
        foreach (
            var flow in FlowClasses
                .Of(state)
                .All()
                .Where(static flow => flow.Protocol is not null && flow.Source.Address != flow.Destination.Address)
        )
        {
            foreach (var direction in (Direction[])[Direction.Ingress, Direction.Egress])
            {
                var (own, peer) =
                    direction == Direction.Ingress
                        ? (flow.Destination.Address, flow.Source.Address)
                        : (flow.Source.Address, flow.Destination.Address);
                if (ruleset.Endpoints.GetValueOrDefault(own)?.Fence(direction) is not { } fence)
                {
                    continue;
                }

                foreach (
                    var (rule, branch, origins) in rules[fence]
                        .Where(item => Allows(ruleset, item.Rule, item.Branch, peer, flow))
                )
                {
                    var matching = origins.Count(origin => Matches(state, origin, peer, flow));
                    if (matching == 0 || (exact && branch is null && matching < origins.Count))
                    {
                        return $"{flow} passes {fence} by {rule} in {branch}, and {matching} of the lines found "
                            + $"for it match: {string.Join("; ", origins)}";
                    }
                }
            }
        }

        return null;
    }

    private static IEnumerable<(AllowRule Rule, PortRange? Branch)> RulesOf(Fence fence) =>
        fence
            .Rules.Select(static rule => (rule, (PortRange?)null))
            .Concat(
                fence.Branches.SelectMany(static branch =>
                    branch.Rules.Select(rule => (rule, (PortRange?)branch.Ports))
                )
            );

    private static bool Allows(Ruleset ruleset, AllowRule rule, PortRange? branch, IpAddress peer, Flow flow) =>
        ((rule.Ports ?? branch) is not { } ports || ports.Contains(flow.Protocol!.Value, flow.Port))
        && (
            rule.Peer is not { } set
            || ruleset
                .Sets[set]
                .Any(element =>
                    set.Kind == SetKind.Endpoints
                        ? element == SetElement.Of(flow.Destination.Address, flow.Protocol!.Value, flow.Port)
                        : element.First <= peer && peer <= element.Last
                )
        );

    private static bool Matches(ClusterState state, RuleOrigin origin, IpAddress peer, Flow flow) =>
        (
            origin.Peers.IsEmpty
                ? origin.Rule.Peers.IsEmpty
                : origin.Peers.Any(index => Matches(state, origin.Policy, origin.Rule.Peers[index], peer))
        )
        && (
            origin.Ports.IsEmpty
                ? origin.Rule.Ports.IsEmpty
                : origin.Ports.Any(index => Matches(state, origin.Rule.Ports[index], flow))
        );

    private static bool Matches(ClusterState state, NetworkPolicy policy, PolicyPeer peer, IpAddress address) =>
        peer switch
        {
            IpBlockPeer block => block.Contains(address),
            SelectorPeer selector => state.OwnerOf(address) is { HostNetwork: false } pod
                && (
                    selector.Namespaces is null
                        ? pod.Key.Namespace == policy.Key.Namespace
                        : state.Namespaces.TryGetValue(pod.Key.Namespace, out var found)
                            && selector.Namespaces.Matches(found.Labels)
                )
                && (selector.Pods is null || selector.Pods.Matches(pod.Labels)),
            _ => false,
        };

    private static bool Matches(ClusterState state, PolicyPort port, Flow flow) =>
        port.Protocol == flow.Protocol
        && (
            port.Name is { } name
                ? state
                    .OwnerOf(flow.Destination.Address)
                    ?.Ports.Any(one => one.Name == name && one.Protocol == port.Protocol && one.Number == flow.Port)
                    == true
                : port.First is not { } first || (first <= flow.Port && flow.Port <= (port.Last ?? first))
        );
}
