using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Policy;

/// <summary>A policy's rules, prepared once for all fences that the policy takes part in.</summary>
internal sealed class CompiledPolicy
{
    private readonly IReadOnlyList<CompiledRule> _ingress;
    private readonly IReadOnlyList<CompiledRule> _egress;

    /// <summary>Prepares a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="mostSets">More sets than this in one rule are united.</param>
    public CompiledPolicy(NetworkPolicy policy, int mostSets)
    {
        Key = policy.Key;
        _ingress = [.. policy.RulesFor(Direction.Ingress).Select(rule => new CompiledRule(rule, policy.Key.Namespace, mostSets))];
        _egress = [.. policy.RulesFor(Direction.Egress).Select(rule => new CompiledRule(rule, policy.Key.Namespace, mostSets))];
    }

    /// <summary>The policy.</summary>
    public PolicyKey Key { get; }

    /// <summary>The rules in force for a direction.</summary>
    public IReadOnlyList<CompiledRule> Rules(Direction direction) => direction == Direction.Ingress ? _ingress : _egress;
}

/// <summary>One rule: its peers as sets, its ports as spans and names.</summary>
internal sealed class CompiledRule
{
    private readonly CompiledPeers _v4;
    private readonly CompiledPeers _v6;

    /// <summary>Prepares a rule.</summary>
    public CompiledRule(PolicyRule rule, string policyNamespace, int mostSets)
    {
        _v4 = new CompiledPeers(rule.Peers, policyNamespace, IpFamily.IPv4, mostSets);
        _v6 = new CompiledPeers(rule.Peers, policyNamespace, IpFamily.IPv6, mostSets);
        AllPorts = rule.Ports.IsEmpty;
        Spans = [.. rule.Ports.Where(port => port.Name is null).Select(SpanOf).OfType<PortSpan>()];
        Names = new PortNames(rule.Ports.Where(port => port.Name is not null).Select(port => (port.Name!, port.Protocol)));
    }

    /// <summary>Whether every port of every protocol is meant.</summary>
    public bool AllPorts { get; }

    /// <summary>Numeric ports.</summary>
    public IReadOnlyList<PortSpan> Spans { get; }

    /// <summary>Named ports.</summary>
    public PortNames Names { get; }

    /// <summary>The peers in one family.</summary>
    public CompiledPeers Peers(IpFamily family) => family == IpFamily.IPv4 ? _v4 : _v6;

    /// <summary>The ports that are meant; none where an object of the API server holds numbers that validation would refuse, such as a range that ends before it begins.</summary>
    private static PortSpan? SpanOf(PolicyPort port)
    {
        if (port.First is not { } first)
        {
            return PortSpan.Whole(port.Protocol);
        }

        var last = Math.Min(port.Last ?? first, ushort.MaxValue);
        return first < 0 || last < first ? null : new PortSpan(port.Protocol, (ushort)first, (ushort)last);
    }
}

/// <summary>The peers of one rule in one family.</summary>
internal sealed class CompiledPeers
{
    private readonly IpFamily _family;
    private readonly List<PeerLeaf> _leaves = [];
    private readonly EquatableArray<IpRange> _ranges;

    /// <summary>Prepares the peers.</summary>
    public CompiledPeers(EquatableArray<PolicyPeer> peers, string policyNamespace, IpFamily family, int mostSets)
    {
        _family = family;
        _ranges = AddressRanges.Of(peers.OfType<IpBlockPeer>(), family);
        Anyone = peers.IsEmpty || AddressRanges.IsEverything(_ranges, family);
        foreach (var peer in peers.OfType<SelectorPeer>())
        {
            if (PeerScope.Of(peer, policyNamespace) is { } scope)
            {
                _leaves.Add(new PeerLeaf(scope));
            }
        }

        Sets = Anyone ? [] : [.. LeafSets(_leaves, mostSets), .. RangeSets()];
    }

    /// <summary>Whether every address of the family is meant.</summary>
    public bool Anyone { get; }

    /// <summary>The sets that hold the peers; none where nobody can match.</summary>
    public IReadOnlyList<SetSpec> Sets { get; }

    /// <summary>The set of destinations for named ports, which only pods have; null where nothing can match.</summary>
    public SetSpec? NamedPorts(PortNames names)
    {
        var scopes = new List<PeerScope>();
        if (Anyone)
        {
            scopes.Add(new AnyScope());
        }
        else
        {
            scopes.AddRange(_leaves.Select(leaf => leaf.Scope));
            if (!_ranges.IsEmpty)
            {
                scopes.Add(new BlockScope(_ranges));
            }
        }

        return scopes.Count == 0 || names.IsEmpty
            ? null
            : SetSpec.Of(scopes.Select(scope => new PeerLeaf(scope, names)), _family);
    }

    private IEnumerable<SetSpec> LeafSets(List<PeerLeaf> leaves, int mostSets)
    {
        var distinct = leaves.Distinct().ToList();
        return distinct.Count > mostSets ? [SetSpec.Of(distinct, _family)] : distinct.Select(leaf => SetSpec.Of(leaf, _family));
    }

    private IEnumerable<SetSpec> RangeSets() => _ranges.IsEmpty ? [] : [SetSpec.Of(_ranges, _family)];
}
