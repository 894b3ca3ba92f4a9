using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>A policy's rules, prepared once for all fences that the policy takes part in.</summary>
internal sealed class CompiledPolicy
{
    private readonly CompiledRule[] _ingress;
    private readonly CompiledRule[] _egress;

    /// <summary>Prepares a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="mostSets">More sets than this in one rule are united.</param>
    public CompiledPolicy(NetworkPolicy policy, int mostSets)
    {
        Key = policy.Key;
        _ingress = Prepare(policy.RulesFor(Direction.Ingress));
        _egress = Prepare(policy.RulesFor(Direction.Egress));

        CompiledRule[] Prepare(EquatableArray<PolicyRule> rules)
        {
            var prepared = new CompiledRule[rules.Count];
            for (var i = 0; i < prepared.Length; i++)
            {
                prepared[i] = new CompiledRule(rules[i], policy.Key.Namespace, mostSets);
            }

            return prepared;
        }
    }

    /// <summary>The policy.</summary>
    public PolicyKey Key { get; }

    /// <summary>The rules in force for a direction.</summary>
    public IReadOnlyList<CompiledRule> Rules(Direction direction) => direction == Direction.Ingress ? _ingress : _egress;
}

/// <summary>One rule: its peers as sets, its ports as spans and names.</summary>
internal sealed class CompiledRule
{
    private readonly PolicyRule _rule;
    private readonly int _mostSets;
    private readonly List<ElementSource> _leaves = [];
    private CompiledPeers? _v4;
    private CompiledPeers? _v6;

    /// <summary>Prepares a rule.</summary>
    public CompiledRule(PolicyRule rule, string policyNamespace, int mostSets)
    {
        _rule = rule;
        _mostSets = mostSets;
        foreach (var peer in rule.Peers)
        {
            if (peer is SelectorPeer selector && PeerSelector.Of(selector, policyNamespace) is { } scope)
            {
                _leaves.Add(new ElementSource(scope));
            }
        }

        AllPorts = rule.Ports.IsEmpty;
        var spans = new List<PortSpan>(rule.Ports.Count);
        List<(string Name, Protocol Protocol)>? names = null;
        foreach (var port in rule.Ports)
        {
            if (port.Name is { } name)
            {
                (names ??= []).Add((name, port.Protocol));
            }
            else if (SpanOf(port) is { } span)
            {
                spans.Add(span);
            }
        }

        Spans = spans;
        Names = names is null ? PortNames.None : new PortNames(names);
    }

    /// <summary>Whether every port of every protocol is meant.</summary>
    public bool AllPorts { get; }

    /// <summary>Numeric ports.</summary>
    public IReadOnlyList<PortSpan> Spans { get; }

    /// <summary>Named ports.</summary>
    public PortNames Names { get; }

    /// <summary>The peers in one family, worked out when a fence asks for them.</summary>
    public CompiledPeers Peers(IpFamily family)
    {
        ref var peers = ref family == IpFamily.IPv4 ? ref _v4 : ref _v6;
        return peers ??= new CompiledPeers(_rule.Peers, _leaves, family, _mostSets);
    }

    /// <summary>The ports that are meant; none where an object of the API server holds numbers that validation would refuse, such as a range that ends before it begins.</summary>
    internal static PortSpan? SpanOf(PolicyPort port)
    {
        if (port.First is not { } first)
        {
            return PortSpan.Whole(port.Protocol);
        }

        var last = Math.Min(port.Last ?? first, ushort.MaxValue);
        return first < 0 || last < first ? null : new PortSpan(port.Protocol, (ushort)first, (ushort)last);
    }
}
