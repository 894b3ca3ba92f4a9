using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>The peers of one rule in one family.</summary>
internal sealed class CompiledPeers
{
    private readonly IpFamily _family;
    private readonly List<ElementSource> _leaves;
    private readonly EquatableArray<IpRange> _ranges;

    /// <summary>Prepares the peers.</summary>
    /// <param name="peers">All peers of the rule.</param>
    /// <param name="leaves">Those that are selectors, which are the same in both families.</param>
    /// <param name="family">The family.</param>
    /// <param name="mostSets">More sets than this are united.</param>
    public CompiledPeers(EquatableArray<PolicyPeer> peers, List<ElementSource> leaves, IpFamily family, int mostSets)
    {
        _family = family;
        _leaves = leaves;
        var blocks = peers.Count == leaves.Count ? [] : peers.OfType<IpBlockPeer>().ToList();
        _ranges = blocks.Count == 0 ? default : AddressRanges.Of(blocks, family);
        Anyone = peers.IsEmpty || AddressRanges.IsEverything(_ranges, family);
        var sets = new List<SetDefinition>();
        if (!Anyone)
        {
            AddLeaves(sets, mostSets);
            if (!_ranges.IsEmpty)
            {
                sets.Add(SetDefinition.Of(_ranges, family));
            }
        }

        Sets = sets;
    }

    /// <summary>Whether every address of the family is meant.</summary>
    public bool Anyone { get; }

    /// <summary>The sets that hold the peers; none where nobody can match.</summary>
    public IReadOnlyList<SetDefinition> Sets { get; }

    /// <summary>The set of destinations for named ports, which only pods have; null where nothing can match.</summary>
    public SetDefinition? NamedPortResolver(PortNames names)
    {
        if (names.IsEmpty)
        {
            return null;
        }

        var scopes = new List<PeerSelector>();
        if (Anyone)
        {
            scopes.Add(new AnyScope());
        }
        else
        {
            scopes.AddRange(_leaves.Select(static leaf => leaf.Scope));
            if (!_ranges.IsEmpty)
            {
                scopes.Add(new BlockScope(_ranges));
            }
        }

        return scopes.Count == 0 ? null : SetDefinition.Of(scopes.Select(scope => new ElementSource(scope, names)), _family);
    }

    private void AddLeaves(List<SetDefinition> sets, int mostSets)
    {
        var distinct = _leaves.Count < 2 ? _leaves : [.. _leaves.Distinct()];
        if (distinct.Count > mostSets)
        {
            sets.Add(SetDefinition.Of(distinct, _family));
            return;
        }

        foreach (var leaf in distinct)
        {
            sets.Add(SetDefinition.Of(leaf, _family));
        }
    }
}
