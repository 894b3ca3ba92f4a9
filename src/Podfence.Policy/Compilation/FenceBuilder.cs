using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Policy;

/// <summary>Makes the fence of a key from the policies it names. A pure function.</summary>
internal static class FenceBuilder
{
    private const string Anyone = "";

    /// <summary>Builds a fence.</summary>
    /// <param name="name">The fence's name.</param>
    /// <param name="key">What the fence is for.</param>
    /// <param name="policies">The policies of the key, in the same order.</param>
    /// <param name="options">Where one way of writing ends and the next begins.</param>
    /// <returns>The fence, and the specification of every set that it refers to.</returns>
    public static (Fence Fence, IReadOnlyDictionary<SetId, SetSpec> Sets) Build(
        string name, FenceKey key, IEnumerable<CompiledPolicy> policies, CompilerOptions options)
    {
        var alternatives = Alternatives(key, policies);
        var sets = new Dictionary<SetId, SetSpec>();
        var fence = new Fence { Name = name, Direction = key.Direction, Family = key.Family, Policies = key.Policies };
        if (alternatives.Count <= options.MostLinearRules || alternatives is [{ Ports: null, Use.Set: null }])
        {
            fence = fence with { Rules = Remember(alternatives.Select(one => (one.Ports, one.Use)), sets) };
        }
        else
        {
            fence = fence with
            {
                Rules = Remember(PeerUse.Few(alternatives.Where(one => one.Ports is null).Select(one => one.Use), options.MostSets).Select(use => ((PortSpan?)null, use)), sets),
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
    private static List<(PortSpan? Ports, PeerUse Use)> Alternatives(FenceKey key, IEnumerable<CompiledPolicy> policies)
    {
        var alternatives = new Dictionary<(PortSpan? Ports, string Set), (SetSpec? Set, HashSet<PolicyKey> Policies)>();
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules(key.Direction))
            {
                foreach (var (ports, set) in Alternatives(key, rule))
                {
                    var pair = (ports, set?.Id.Name ?? Anyone);
                    if (!alternatives.TryGetValue(pair, out var known))
                    {
                        alternatives[pair] = known = (set, []);
                    }

                    known.Policies.Add(policy.Key);
                }
            }
        }

        if (alternatives.TryGetValue((null, Anyone), out var everything))
        {
            return [(null, new PeerUse(null, everything.Policies))];
        }

        return [.. alternatives
            .OrderBy(static one => one.Key.Ports is null ? 0 : 1).ThenBy(static one => one.Key.Ports.GetValueOrDefault())
            .ThenBy(static one => one.Key.Set, StringComparer.Ordinal)
            .Select(static one => (one.Key.Ports, new PeerUse(one.Value.Set, one.Value.Policies)))];
    }

    private static IEnumerable<(PortSpan? Ports, SetSpec? Set)> Alternatives(FenceKey key, CompiledRule rule)
    {
        var peers = rule.Peers(key.Family);
        IReadOnlyCollection<SetSpec?> sets = peers.Anyone ? new SetSpec?[] { null } : (IReadOnlyCollection<SetSpec?>)peers.Sets;
        if (rule.AllPorts)
        {
            return sets.Select(static set => ((PortSpan?)null, set));
        }

        var spans = rule.Spans.ToList();
        if (key.Direction == Direction.Ingress)
        {
            // Names mean the numbers that the fenced pod itself gives them.
            spans.AddRange(key.NamedPorts.Where(port => rule.Names.Contains(port.Name, port.Protocol))
                .SelectMany(port => port.Numbers.Select(number => new PortSpan(port.Protocol, (ushort)number, (ushort)number))));
        }

        var byNumber = PortSpans.Merge(spans).SelectMany(span => sets.Select(set => ((PortSpan?)span, set)));
        // Names mean the numbers that each destination gives them, so address and port are looked up together.
        var byName = key.Direction == Direction.Egress ? peers.NamedPorts(rule.Names) : null;
        return byName is null ? byNumber : byNumber.Append(((PortSpan?)null, (SetSpec?)byName));
    }

    private static EquatableArray<AllowRule> Remember(IEnumerable<(PortSpan? Ports, PeerUse Use)> alternatives, Dictionary<SetId, SetSpec> sets)
    {
        var rules = new List<AllowRule>();
        foreach (var (ports, use) in alternatives)
        {
            if (use.Set is not null)
            {
                sets[use.Set.Id] = use.Set;
            }

            rules.Add(use.ToRule(ports));
        }

        return rules.ToEquatableArray();
    }
}
