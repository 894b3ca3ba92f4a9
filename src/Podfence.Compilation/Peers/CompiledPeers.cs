using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>The peers of one rule in one family.</summary>
internal sealed class CompiledPeers
{
    private readonly IpFamily _family;
    private readonly List<ElementSource> _sources;
    private readonly EquatableArray<IpRange> _ranges;

    /// <param name="peers">All peers of the rule.</param>
    /// <param name="sources">Those that are selectors, which are the same in both families.</param>
    /// <param name="family">The family.</param>
    /// <param name="maxSets">More sets than this are united.</param>
    public CompiledPeers(EquatableArray<PolicyPeer> peers, List<ElementSource> sources, IpFamily family, int maxSets)
    {
        _family = family;
        _sources = sources;
        var blocks = peers.Count == sources.Count ? [] : peers.OfType<IpBlockPeer>().ToList();
        _ranges = blocks.Count == 0 ? default : AddressRanges.FromBlocks(blocks, family);
        MatchesAny = peers.IsEmpty || AddressRanges.IsEverything(_ranges, family);
        var sets = new List<SetDefinition>();
        if (!MatchesAny)
        {
            AddSelectors(sets, maxSets);
            if (!_ranges.IsEmpty)
            {
                sets.Add(SetDefinition.OfRanges(_ranges, family));
            }
        }

        Sets = sets;
    }

    /// <summary>Whether every address of the family matches.</summary>
    public bool MatchesAny { get; }

    /// <summary>The sets that hold the peers; empty if nothing can match.</summary>
    public IReadOnlyList<SetDefinition> Sets { get; }

    /// <summary>
    /// The set of destinations with the numbers that they give to named ports; null if nothing can match. Only pods
    /// have named ports.
    /// </summary>
    public SetDefinition? DestinationPortSet(NamedPortSet names)
    {
        if (names.IsEmpty)
        {
            return null;
        }

        var selectors = new List<PeerSelector>();
        if (MatchesAny)
        {
            selectors.Add(new AnyPod());
        }
        else
        {
            selectors.AddRange(_sources.Select(static source => source.Selector));
            if (!_ranges.IsEmpty)
            {
                selectors.Add(new PodsInRanges(_ranges));
            }
        }

        return selectors.Count == 0
            ? null
            : SetDefinition.OfSources(selectors.Select(selector => new ElementSource(selector, names)), _family);
    }

    private void AddSelectors(List<SetDefinition> sets, int maxSets)
    {
        var distinct = _sources.Count < 2 ? _sources : [.. _sources.Distinct()];
        if (distinct.Count > maxSets)
        {
            sets.Add(SetDefinition.OfSources(distinct, _family));
            return;
        }

        foreach (var source in distinct)
        {
            sets.Add(SetDefinition.OfSource(source, _family));
        }
    }
}
