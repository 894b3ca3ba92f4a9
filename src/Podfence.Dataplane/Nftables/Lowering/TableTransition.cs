
namespace Podfence.Dataplane.Nftables;

/// <summary>A change of our table as up to three transactions, to be done in this order: preparation, isolation, switch. The first has no effect on packets.</summary>
/// <param name="Preparation">Makes new sets and chains, to which nothing leads yet. Empty where there are none, or where the isolation makes them.</param>
/// <param name="Switch">Puts the change into force in one step and removes what is no longer needed. Empty where nothing else changes.</param>
public sealed record NftChange(IReadOnlyList<NftOperation> Preparation, IReadOnlyList<NftOperation> Switch)
{
    /// <summary>
    /// Puts addresses that no fence stood before behind theirs, and makes these where they are new. Does not allow anything, so it comes before a switch
    /// that takes other addresses from behind theirs. Empty where the change does neither.
    /// </summary>
    public IReadOnlyList<NftOperation> Isolation { get; init; } = [];

    /// <summary>
    /// Whether addresses become known or unknown. A packet that saw one known as it was, and its fence as it will be two transactions later, or the other way round, would find
    /// neither of the two that refuse it, and what it began would stand. So no packet may be under way through more than one transaction.
    /// </summary>
    public bool ConcernsUnknown => Isolation.Concat(Switch).Any(static operation => operation switch
    {
        AddElements add => UnknownPodIpLayout.IsKnown(add.Set) || UnknownPodIpLayout.IsRanges(add.Set),
        DeleteElements delete => UnknownPodIpLayout.IsKnown(delete.Set) || UnknownPodIpLayout.IsRanges(delete.Set),
        _ => false,
    });
}

/// <summary>
/// Gathers what has to change in our table and puts it into the kernel's order, which checks references at each step.
/// </summary>
/// <remarks>
/// Why there is a preparation: a packet that is under way while a transaction commits goes on with the rules of the old generation, but looks elements up
/// in the new one. An element that leads to a chain of the same transaction would take it into a chain that is still empty, and out again at its end: allowed.
/// That takes well under a microsecond, yet a connection that gets through stays. It was seen on Linux 6.18: 2 of 2 million packets in 229 commits, none once
/// the chain was made by an earlier transaction. Sets of ranges gain too: the kernel shows their content some time after the rules that use them.
/// Why there is an isolation: a packet between two pods of the node is looked up at the source first and at the destination next, and a commit may come between.
/// A flow that was denied at the destination, and is from now on at the source, would pass both. With both in force for a moment it never does, and what
/// is allowed before and after passes either.
/// Why an isolation may make the fences that it leads to: an address that is in no map is open, and so it is for the packet that finds the chain empty.
/// It fares as one that came a moment earlier. Not so where a set of ranges is new: its content would be missing for a moment to rules that are in force.
/// </remarks>
internal sealed class TableTransition
{
    private readonly List<NftSetContent> _addedSets = [];
    private readonly List<NftSet> _removedSets = [];
    private readonly List<NftChain> _addedChains = [];
    private readonly List<NftChain> _changedChains = [];
    private readonly List<NftChain> _removedChains = [];

    /// <summary>Elements of sets and maps that stay.</summary>
    public ElementChanges Elements { get; } = new();

    /// <summary>Notes a set or map before and after: null where there is none.</summary>
    public void Set(NftSetContent? before, NftSetContent? after)
    {
        if (before is not null && after is not null && before.Set.Name == after.Set.Name)
        {
            Elements.Add(ElementsOf(before), ElementsOf(after));
            return;
        }

        if (after is not null)
        {
            _addedSets.Add(after);
        }

        if (before is not null)
        {
            _removedSets.Add(before.Set);
            if (before.Set.HasVerdicts)
            {
                // Older kernels let go of the chains only when the elements are deleted, not with the map.
                Elements.Add(ElementsOf(before), []);
            }
        }
    }

    /// <summary>Notes chains before and after, by name.</summary>
    public void Chains(IEnumerable<NftChain> before, IEnumerable<NftChain> after)
    {
        var old = before.ToDictionary(chain => chain.Name);
        foreach (var chain in after)
        {
            if (!old.Remove(chain.Name, out var same))
            {
                _addedChains.Add(chain);
            }
            else if (!TableDiff.SameRules(same, chain))
            {
                _changedChains.Add(chain);
            }
        }

        _removedChains.AddRange(old.Values);
    }

    /// <summary>Notes a chain that goes; its rules do not matter.</summary>
    public void RemovedChain(string name) => _removedChains.Add(new NftChain(name, null, default));

    /// <summary>The transactions.</summary>
    public NftChange ToChange()
    {
        var preparation = new List<NftOperation>();
        AppendNew(preparation, _addedSets, _addedChains);
        // In one transaction where that is safe, because the kernel goes through the whole table at the end of each that leads to chains.
        var together = preparation.Count > 0 && !_addedSets.Exists(static added => added.Set.Key is NftKey.AddressRange or NftKey.PortRange);
        var isolation = _changedChains.Count == 0 ? Elements.TakeIsolation(together) : [];
        isolation.InsertRange(0, Elements.TakeWithdrawal());
        if (together && isolation.Exists(static operation => operation is AddElements))
        {
            isolation.InsertRange(0, preparation);
            preparation = [];
        }

        var switching = new List<NftOperation>();
        foreach (var chain in _changedChains)
        {
            switching.Add(new FlushChain(chain.Name));
            switching.Add(new AddRules(chain.Name, chain.Rules));
        }

        // A key that stays with another verdict goes and comes back: packets see one or the other, never neither.
        Elements.AppendTo(switching);
        switching.AddRange(_removedChains.Select(chain => new FlushChain(chain.Name)));
        switching.AddRange(_removedChains.Select(chain => new DeleteChain(chain.Name)));
        switching.AddRange(_removedSets.Select(set => new DeleteSet(set.Name)));
        return new NftChange(preparation, switching) { Isolation = isolation };
    }

    /// <summary>Makes sets and chains that refer to each other: a rule needs its set, an element its chain, a jump both ends.</summary>
    public static void AppendNew(List<NftOperation> operations, IReadOnlyCollection<NftSetContent> sets, IReadOnlyCollection<NftChain> chains)
    {
        foreach (var (set, elements) in sets)
        {
            operations.Add(new AddSet(set));
            if (!set.HasVerdicts && elements.Count > 0)
            {
                operations.Add(new AddElements(set, elements));
            }
        }

        operations.AddRange(chains.Select(chain => new AddChain(chain)));
        operations.AddRange(chains.Where(chain => !chain.Rules.IsEmpty).Select(chain => new AddRules(chain.Name, chain.Rules)));
        operations.AddRange(sets.Where(map => map.Set.HasVerdicts && map.Elements.Count > 0).Select(map => new AddElements(map.Set, map.Elements)));
    }

    private static IEnumerable<(NftSet Set, NftElement Element)> ElementsOf(NftSetContent content) => content.Elements.Select(element => (content.Set, element));
}
