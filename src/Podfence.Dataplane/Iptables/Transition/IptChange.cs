using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>What is to change, in terms of chains and sets.</summary>
internal sealed record IptChange
{
    /// <summary>New sets of peers.</summary>
    public required IReadOnlyList<IptSetContent> AddedSets { get; init; }

    /// <summary>Sets of peers that no chain looks at afterwards.</summary>
    public required IReadOnlyList<IptSet> RemovedSets { get; init; }

    /// <summary>Sets of peers that stay and change.</summary>
    public required IReadOnlyList<IptSetChange> ChangedSets { get; init; }

    /// <summary>What changes about unknown addresses; null for nothing.</summary>
    public UnknownPodIpChange? Unknown { get; init; }

    /// <summary>New chains of fences.</summary>
    public required IReadOnlyList<(IpFamily Family, IptChain Chain)> AddedChains { get; init; }

    /// <summary>Chains of fences that nothing leads to afterwards.</summary>
    public required IReadOnlyList<(IpFamily Family, string Chain)> RemovedChains { get; init; }

    /// <summary>The dispatch before.</summary>
    public required DispatchTables Before { get; init; }

    /// <summary>The dispatch afterwards.</summary>
    public required DispatchTables After { get; init; }

    /// <summary>What comes and leaves in sets of the dispatch that stay.</summary>
    public static IEnumerable<IptSetChange> DispatchChanges(DispatchTables before, DispatchTables after) =>
        after.Sets.Where(set => before.Sets.ContainsKey(set.Key))
            .Select(set => IptSetChange.Between(set.Value.Set, before.Sets[set.Key].Elements, set.Value.Elements))
            .Where(static change => !change.IsEmpty);
}
