namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Collects what has to change in Podfence's table and puts it into the order the kernel requires: it checks references
/// at each step.
/// </summary>
/// <remarks>
/// <para>
/// Why there is a preparation: a packet that is in flight while a transaction commits continues with the rules of the
/// old generation, but looks elements up in the new one. An element that leads to a chain of the same transaction would
/// take it into a chain that is still empty, and out again at its end: allowed. That takes well under a microsecond,
/// yet a connection that gets through stays. It was observed on Linux 6.18: 2 of 2 million packets in 229 commits, none
/// once the chain was created by an earlier transaction. Interval sets benefit too: the kernel shows their content some
/// time after the rules that use them.
/// </para>
/// <para>
/// Why there is an isolation: a packet between two pods of the node is looked up at the source first and at the
/// destination next, and a commit may come between. A flow that was denied at the destination, and is from now on
/// denied at the source, would pass both. With both in force for a moment it never does, and what is allowed before and
/// after passes either.
/// </para>
/// <para>
/// Why an isolation may create the fences that it leads to: an address that is in no map is open, and so it is for the
/// packet that finds the chain empty. It behaves like a packet that arrived just before. Not so where an interval set
/// is new: its content would be missing for a moment to rules that are in force.
/// </para>
/// </remarks>
internal sealed class TableTransition
{
    private readonly List<NftSetContent> _addedSets = [];
    private readonly List<NftSet> _removedSets = [];
    private readonly List<NftChain> _addedChains = [];
    private readonly List<NftChain> _changedChains = [];
    private readonly List<NftChain> _removedChains = [];

    /// <summary>Changes of elements in sets and maps that stay.</summary>
    public ElementChanges Elements { get; } = new();

    /// <summary>Records a set or map before and after: null where there is none.</summary>
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
                // Older kernels release the chains only when the elements are deleted, not with the map.
                Elements.Add(ElementsOf(before), []);
            }
        }
    }

    /// <summary>Records chains before and after, by name.</summary>
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

    /// <summary>Records a chain to remove; its rules do not matter.</summary>
    public void RemovedChain(string name) => _removedChains.Add(new NftChain(name, null, default));

    public NftChange ToChange()
    {
        var preparation = new List<NftOperation>();
        AppendNew(preparation, _addedSets, _addedChains);

        // In one transaction where that is safe: at the end of each transaction that adds references to chains the
        // kernel walks the whole table.
        var together =
            preparation.Count > 0
            && !_addedSets.Exists(static added => added.Set.Key is NftKey.AddressRange or NftKey.PortRange);
        var isolation = _changedChains.Count == 0 ? Elements.SplitIsolation(together) : [];
        isolation.InsertRange(0, Elements.SplitWithdrawal());
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

        // A key whose verdict changes is deleted and added in one transaction: packets see one or the other.
        Elements.AppendTo(switching);
        switching.AddRange(_removedChains.Select(chain => new FlushChain(chain.Name)));
        switching.AddRange(_removedChains.Select(chain => new DeleteChain(chain.Name)));
        switching.AddRange(_removedSets.Select(set => new DeleteSet(set.Name)));
        return new NftChange(preparation, switching) { Isolation = isolation };
    }

    /// <summary>
    /// Creates sets and chains that refer to each other: a rule needs its set, an element its chain, a jump both ends.
    /// </summary>
    public static void AppendNew(
        List<NftOperation> operations,
        IReadOnlyCollection<NftSetContent> sets,
        IReadOnlyCollection<NftChain> chains
    )
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
        operations.AddRange(
            chains.Where(chain => !chain.Rules.IsEmpty).Select(chain => new AddRules(chain.Name, chain.Rules))
        );
        operations.AddRange(
            sets.Where(map => map.Set.HasVerdicts && map.Elements.Count > 0)
                .Select(map => new AddElements(map.Set, map.Elements))
        );
    }

    private static IEnumerable<SetMember> ElementsOf(NftSetContent content) =>
        content.Elements.Select(element => new SetMember(content.Set, element));
}
