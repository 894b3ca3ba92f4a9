using System.Runtime.InteropServices;
using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>Makes the fence of a key from the policies it names. A pure function.</summary>
internal static class FenceBuilder
{
    private const string Anyone = "";

    /// <summary>Builds a fence.</summary>
    /// <param name="key">What the fence is for.</param>
    /// <param name="policies">The policies of the key, in the same order.</param>
    /// <param name="options">Where one way of writing ends and the next begins.</param>
    /// <returns>The fence, and the specification of every set that it refers to.</returns>
    public static (Fence Fence, IReadOnlyDictionary<SetId, SetDefinition> Sets) Build(FenceKey key, IReadOnlyList<CompiledPolicy> policies, CompilerOptions options)
    {
        var alternatives = Alternatives(key, policies);
        var sets = new Dictionary<SetId, SetDefinition>();
        var fence = new Fence { Name = key.Name, Direction = key.Direction, Family = key.Family, Policies = key.Policies };
        if (alternatives.Count <= options.MostLinearRules || alternatives is [{ Ports: null, Use.Set: null }])
        {
            fence = fence with { Rules = Remember(alternatives, sets) };
        }
        else
        {
            fence = fence with
            {
                Rules = Remember([.. AllowedPeer.Few(alternatives.Where(one => one.Ports is null).Select(one => one.Use), options.MostSets).Select(use => ((PortSpan?)null, use))], sets),
                Branches = alternatives.Where(one => one.Ports is not null)
                    .GroupBy(one => one.Ports!.Value.Protocol, one => (one.Ports!.Value, one.Use))
                    .OrderBy(protocol => protocol.Key)
                    .SelectMany(protocol => PortTree.Branches(protocol.Key, [.. protocol], options.MostSets, sets))
                    .ToEquatableArray(),
            };
        }

        return (fence, sets);
    }

    /// <summary>Every distinct pair of peer and ports, in a stable order; a rule for everyone on every port leaves no other.</summary>
    private static List<(PortSpan? Ports, AllowedPeer Use)> Alternatives(FenceKey key, IReadOnlyList<CompiledPolicy> policies)
    {
        var alternatives = new Dictionary<(PortSpan? Ports, string Set), (SetDefinition? Set, List<PolicyKey> Policies)>();
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules(key.Direction))
            {
                AddAlternatives(key, policy.Key, rule, alternatives);
            }
        }

        if (alternatives.TryGetValue((null, Anyone), out var everything))
        {
            return [(null, new AllowedPeer(null, everything.Policies))];
        }

        var sorted = new List<(PortSpan? Ports, AllowedPeer Use)>(alternatives.Count);
        foreach (var (pair, (set, named)) in alternatives)
        {
            sorted.Add((pair.Ports, new AllowedPeer(set, named)));
        }

        sorted.Sort(static (one, other) =>
        {
            var order = (one.Ports is not null).CompareTo(other.Ports is not null);
            order = order != 0 ? order : one.Ports.GetValueOrDefault().CompareTo(other.Ports.GetValueOrDefault());
            return order != 0 ? order : string.CompareOrdinal(NameOf(one.Use.Set), NameOf(other.Use.Set));
        });
        return sorted;
    }

    private static void AddAlternatives(FenceKey key, PolicyKey policy, CompiledRule rule, Dictionary<(PortSpan? Ports, string Set), (SetDefinition? Set, List<PolicyKey> Policies)> alternatives)
    {
        var peers = rule.Peers(key.Family);
        if (rule.AllPorts)
        {
            AddPeers(null);
            return;
        }

        foreach (var span in SpansOf(key, rule))
        {
            AddPeers(span);
        }

        // Names mean the numbers that each destination gives them, so address and port are looked up together.
        if (key.Direction == Direction.Egress && peers.NamedPortResolver(rule.Names) is { } named)
        {
            Add(null, named);
        }

        void AddPeers(PortSpan? ports)
        {
            if (peers.Anyone)
            {
                Add(ports, null);
                return;
            }

            foreach (var set in peers.Sets)
            {
                Add(ports, set);
            }
        }

        void Add(PortSpan? ports, SetDefinition? set)
        {
            ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(alternatives, (ports, NameOf(set)), out var known);
            if (!known)
            {
                use = (set, [policy]);
            }
            else if (use.Policies[^1] != policy)
            {
                // Policy by policy, so that the last is the only one that can be there already.
                use.Policies.Add(policy);
            }
        }
    }

    private static List<PortSpan> SpansOf(FenceKey key, CompiledRule rule)
    {
        var spans = rule.Spans.ToList();
        if (key.Direction == Direction.Ingress && !rule.Names.IsEmpty)
        {
            // Names mean the numbers that the fenced pod itself gives them.
            foreach (var port in key.NamedPortResolver)
            {
                foreach (var number in rule.Names.Contains(port.Name, port.Protocol) ? port.Numbers : default)
                {
                    spans.Add(new PortSpan(port.Protocol, (ushort)number, (ushort)number));
                }
            }
        }

        return PortSpans.Merge(spans);
    }

    private static string NameOf(SetDefinition? set) => set?.Id.Name ?? Anyone;

    private static EquatableArray<AllowRule> Remember(List<(PortSpan? Ports, AllowedPeer Use)> alternatives, Dictionary<SetId, SetDefinition> sets)
    {
        var rules = new AllowRule[alternatives.Count];
        for (var i = 0; i < rules.Length; i++)
        {
            var (ports, use) = alternatives[i];
            if (use.Set is not null)
            {
                sets[use.Set.Id] = use.Set;
            }

            rules[i] = use.ToRule(ports);
        }

        return EquatableArray.Create<AllowRule>(rules);
    }
}
