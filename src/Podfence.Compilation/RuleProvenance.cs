using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Finds the policy lines that a compiled ruleset comes from. A fence keeps only the names of its policies, because a
/// node needs no more; so the policies' rules are compiled again and compared with the fence.
/// </summary>
/// <param name="state">What the ruleset was compiled from.</param>
/// <param name="ruleset">The ruleset.</param>
/// <param name="options">What it was compiled with.</param>
public sealed class RuleProvenance(ClusterState state, Ruleset ruleset, CompilerOptions options)
{
    private readonly Dictionary<string, Pod> _fencedPods = ruleset
        .Endpoints.Values.SelectMany(static endpoint =>
            new[] { (Fence: endpoint.Ingress, endpoint.Pod), (Fence: endpoint.Egress, endpoint.Pod) }
        )
        .Where(static item => item.Fence is not null)
        .GroupBy(static item => item.Fence!)
        .Select(group => (group.Key, Pod: group.Select(item => state.FindPod(item.Pod)).OfType<Pod>().FirstOrDefault()))
        .Where(static item => item.Pod is not null)
        .ToDictionary(static item => item.Key, static item => item.Pod!);

    /// <summary>The policy rules that an allow rule comes from, in the order of policies and rules.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="rule">One of its allow rules.</param>
    /// <param name="branch">The ports of the branch that the rule is in, or null.</param>
    public IReadOnlyList<RuleOrigin> Of(Fence fence, AllowRule rule, PortRange? branch)
    {
        var origins = new List<RuleOrigin>();
        foreach (var policy in rule.Policies.Select(state.FindPolicy).OfType<NetworkPolicy>())
        {
            origins.AddRange(
                RulesBehind(policy, fence, rule, branch).Select(index => Origin(policy, index, fence, rule, branch))
            );
        }

        return origins;
    }

    private RuleOrigin Origin(NetworkPolicy policy, int index, Fence fence, AllowRule rule, PortRange? branch)
    {
        var policyRule = policy.RulesFor(fence.Direction)[index];
        return new(
            policy,
            fence.Direction,
            index,
            Peers(policyRule, policy.Key.Namespace, fence.Family, rule.Peer).ToEquatableArray(),
            Ports(policyRule, fence, rule, branch).ToEquatableArray()
        );
    }

    /// <summary>The indexes of a policy's rules that an allow rule comes from.</summary>
    private List<int> RulesBehind(NetworkPolicy policy, Fence fence, AllowRule rule, PortRange? branch)
    {
        var candidates = new List<int>();
        var exact = new List<int>();
        var rules = policy.RulesFor(fence.Direction);
        for (var index = 0; index < rules.Count; index++)
        {
            var compiled = new CompiledRule(rules[index], policy.Key.Namespace, options.MaxSetsPerLookup);
            if (!HasPorts(fence, compiled, rule, branch))
            {
                continue;
            }

            var sets = Sets(compiled, fence.Family, rule.Peer);
            if (rule.Peer is not { } peer ? sets is null : sets?.Any(set => set.Kind == peer.Kind) == true)
            {
                candidates.Add(index);
                if (rule.Peer is null || sets!.Contains(rule.Peer))
                {
                    exact.Add(index);
                }
            }
        }

        // A united set has a name of its own, in which no single rule can be recognised: then all candidates count.
        return exact.Count > 0 ? exact : candidates;
    }

    /// <summary>The sets of a rule's peers; null if the rule matches any peer.</summary>
    private static IReadOnlyList<SetId>? Sets(CompiledRule rule, IpFamily family, SetId? wanted)
    {
        var peers = rule.Peers(family);
        if (wanted?.Kind == SetKind.Endpoints)
        {
            return peers.DestinationPortSet(rule.NamedPorts) is { } named ? [named.Id] : [];
        }

        return peers.MatchesAny ? null : [.. peers.Sets.Select(static set => set.Id)];
    }

    private bool HasPorts(Fence fence, CompiledRule compiled, AllowRule rule, PortRange? branch)
    {
        if (rule.Peer?.Kind == SetKind.Endpoints)
        {
            return !compiled.NamedPorts.IsEmpty;
        }

        if ((rule.Ports ?? branch) is not { } wanted)
        {
            return compiled.AllPorts;
        }

        // An allow rule has all adjacent ports of one policy rule; a branch has those between two limits of any rules.
        return !compiled.AllPorts
            && Ranges(fence, compiled)
                .Any(range => rule.Ports is null ? PortRanges.Overlap(range, wanted) : range == wanted);
    }

    private List<PortRange> Ranges(Fence fence, CompiledRule rule) =>
        PortRanges.Merge([
            .. rule.PortRanges,
            .. NamedPorts(fence)
                .Where(port => rule.NamedPorts.Contains(port.Name, port.Protocol))
                .Select(static port => new PortRange(port.Protocol, (ushort)port.Number, (ushort)port.Number)),
        ]);

    /// <summary>
    /// The named ports of the fenced pods. For egress none: the destinations' names count there, and have sets of their
    /// own.
    /// </summary>
    private IEnumerable<ContainerPort> NamedPorts(Fence fence) =>
        fence.Direction == Direction.Ingress && _fencedPods.TryGetValue(fence.Name, out var pod)
            ? pod.Ports.Where(static port => port.Name is not null)
            : [];

    private static IEnumerable<int> Peers(PolicyRule rule, string policyNamespace, IpFamily family, SetId? wanted)
    {
        var all = Enumerable.Range(0, rule.Peers.Count);
        switch (wanted?.Kind)
        {
            case null or SetKind.Ranges:
                return all.Where(index => rule.Peers[index] is IpBlockPeer block && block.Cidr.Family == family);
            case SetKind.Endpoints:
                return all;
            default:
                var selectors = all.Where(index => SetOf(rule.Peers[index], policyNamespace, family) is not null)
                    .ToList();
                var exact = selectors.FindAll(index => SetOf(rule.Peers[index], policyNamespace, family) == wanted);
                return exact.Count > 0 ? exact : selectors;
        }
    }

    private static SetId? SetOf(PolicyPeer peer, string policyNamespace, IpFamily family) =>
        peer is SelectorPeer pods && PeerSelector.FromPeer(pods, policyNamespace) is { } selector
            ? SetDefinition.OfSource(new ElementSource(selector), family).Id
            : null;

    private IEnumerable<int> Ports(PolicyRule policyRule, Fence fence, AllowRule rule, PortRange? branch)
    {
        for (var i = 0; i < policyRule.Ports.Count; i++)
        {
            if (IsBehind(policyRule.Ports[i], fence, rule, branch))
            {
                yield return i;
            }
        }
    }

    private bool IsBehind(PolicyPort port, Fence fence, AllowRule rule, PortRange? branch)
    {
        if (rule.Peer?.Kind == SetKind.Endpoints)
        {
            return port.Name is not null;
        }

        if ((rule.Ports ?? branch) is not { } wanted)
        {
            return false;
        }

        return port.Name is { } name
            ? NamedPorts(fence)
                .Any(one =>
                    one.Name == name && one.Protocol == port.Protocol && wanted.Contains(one.Protocol, one.Number)
                )
            : CompiledRule.RangeOf(port) is { } range && PortRanges.Overlap(range, wanted);
    }
}
