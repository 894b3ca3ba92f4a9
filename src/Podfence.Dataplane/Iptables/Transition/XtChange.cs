using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>What is to change, in terms of chains and sets.</summary>
internal sealed record XtChange
{
    /// <summary>New sets of peers.</summary>
    public required IReadOnlyList<XtSetContent> AddedSets { get; init; }

    /// <summary>Sets of peers that no chain looks at afterwards.</summary>
    public required IReadOnlyList<XtSet> RemovedSets { get; init; }

    /// <summary>Sets of peers that stay and change.</summary>
    public required IReadOnlyList<XtSetChange> ChangedSets { get; init; }

    /// <summary>What changes about unknown addresses; null for nothing.</summary>
    public UnknownChange? Unknown { get; init; }

    /// <summary>New chains of fences.</summary>
    public required IReadOnlyList<(IpFamily Family, XtChain Chain)> AddedChains { get; init; }

    /// <summary>Chains of fences that nothing leads to afterwards.</summary>
    public required IReadOnlyList<(IpFamily Family, string Chain)> RemovedChains { get; init; }

    /// <summary>The dispatch before.</summary>
    public required DispatchTables Before { get; init; }

    /// <summary>The dispatch afterwards.</summary>
    public required DispatchTables After { get; init; }

    /// <summary>What comes and leaves in sets of the dispatch that stay.</summary>
    public static IEnumerable<XtSetChange> DispatchChanges(DispatchTables before, DispatchTables after) =>
        after.Sets.Where(set => before.Sets.ContainsKey(set.Key))
            .Select(set => XtSetChange.Between(set.Value.Set, before.Sets[set.Key].Elements, set.Value.Elements))
            .Where(static change => !change.IsEmpty);
}
