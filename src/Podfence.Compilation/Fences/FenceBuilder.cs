using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>Builds the fence of a key from the policies that it names. A pure function.</summary>
internal static class FenceBuilder
{
    /// <param name="key">The key.</param>
    /// <param name="policies">The policies of the key, in the same order.</param>
    /// <param name="options">The limits that decide how rules are arranged.</param>
    public static FenceDefinition Build(FenceKey key, IReadOnlyList<CompiledPolicy> policies, CompilerOptions options)
    {
        var rules = Collect(key, policies);
        var sets = new Dictionary<SetId, SetDefinition>();
        var fence = new Fence
        {
            Name = key.Name,
            Direction = key.Direction,
            Family = key.Family,
            Policies = key.Policies,
        };
        if (rules.Count <= options.MaxLinearRules || rules is [{ Ports: null, Peer.Set: null }])
        {
            return new(fence with { Rules = ToAllowRules(rules, sets) }, sets);
        }

        var onAllPorts = rules.Where(static rule => rule.Ports is null).Select(static rule => rule.Peer);
        var limited = AllowedPeer
            .Limit(onAllPorts, options.MaxSetsPerLookup)
            .ConvertAll(static peer => new PeerOnPorts(null, peer));
        var byProtocol = rules
            .Where(static rule => rule.Ports is not null)
            .GroupBy(static rule => rule.Ports!.Value.Protocol)
            .OrderBy(static protocol => protocol.Key);
        return new(
            fence with
            {
                Rules = ToAllowRules(limited, sets),
                Branches = byProtocol
                    .SelectMany(protocol =>
                        PortTree.Branches(protocol.Key, [.. protocol], options.MaxSetsPerLookup, sets)
                    )
                    .ToEquatableArray(),
            },
            sets
        );
    }

    /// <summary>
    /// Every distinct pair of peer and ports, in a stable order. A rule for any peer on every port makes all others
    /// redundant.
    /// </summary>
    private static List<PeerOnPorts> Collect(FenceKey key, IReadOnlyList<CompiledPolicy> policies)
    {
        var collector = new AllowRuleCollector();
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules(key.Direction))
            {
                AddRule(key, policy.Key, rule, collector);
            }
        }

        return collector.ToSortedList();
    }

    private static void AddRule(FenceKey key, PolicyKey policy, CompiledRule rule, AllowRuleCollector collector)
    {
        var peers = rule.Peers(key.Family);
        if (rule.AllPorts)
        {
            collector.AddPeers(policy, peers, null);
            return;
        }

        foreach (var range in RangesOf(key, rule))
        {
            collector.AddPeers(policy, peers, range);
        }

        // Each destination resolves a port name for itself, so address and port are looked up together.
        if (key.Direction == Direction.Egress && peers.DestinationPortSet(rule.NamedPorts) is { } set)
        {
            collector.Add(policy, set, null);
        }
    }

    private static List<PortRange> RangesOf(FenceKey key, CompiledRule rule)
    {
        var ranges = rule.PortRanges.ToList();
        if (key.Direction == Direction.Ingress && !rule.NamedPorts.IsEmpty)
        {
            // The fenced pod itself resolves the port names.
            foreach (var port in key.NamedPorts)
            {
                foreach (var number in rule.NamedPorts.Contains(port.Name, port.Protocol) ? port.Numbers : default)
                {
                    ranges.Add(new PortRange(port.Protocol, (ushort)number, (ushort)number));
                }
            }
        }

        return PortRanges.Merge(ranges);
    }

    private static EquatableArray<AllowRule> ToAllowRules(
        List<PeerOnPorts> rules,
        Dictionary<SetId, SetDefinition> sets
    )
    {
        var allowed = new AllowRule[rules.Count];
        for (var i = 0; i < allowed.Length; i++)
        {
            var (ports, peer) = rules[i];
            if (peer.Set is not null)
            {
                sets[peer.Set.Id] = peer.Set;
            }

            allowed[i] = peer.ToRule(ports);
        }

        return EquatableArray.Create<AllowRule>(allowed);
    }
}
