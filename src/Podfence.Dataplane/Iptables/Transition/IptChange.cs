namespace Podfence.Dataplane.Iptables;

/// <summary>A change, in terms of chains and sets.</summary>
internal sealed record IptChange
{
    /// <summary>New peer sets.</summary>
    public required IReadOnlyList<IptSetContent> AddedSets { get; init; }

    /// <summary>Peer sets that no chain matches afterwards.</summary>
    public required IReadOnlyList<IptSet> RemovedSets { get; init; }

    /// <summary>Peer sets that stay and change.</summary>
    public required IReadOnlyList<IptSetChange> ChangedSets { get; init; }

    /// <summary>What changes about unknown pod IPs; null for nothing.</summary>
    public UnknownPodIpChange? Unknown { get; init; }

    /// <summary>New chains of fences.</summary>
    public required IReadOnlyList<FamilyChain> AddedChains { get; init; }

    /// <summary>Chains of fences that nothing uses afterwards.</summary>
    public required IReadOnlyList<ChainName> RemovedChains { get; init; }

    /// <summary>The dispatch before.</summary>
    public required DispatchTables Before { get; init; }

    /// <summary>The dispatch afterwards.</summary>
    public required DispatchTables After { get; init; }

    /// <summary>Element changes of dispatch sets that stay.</summary>
    public static IEnumerable<IptSetChange> DispatchChanges(DispatchTables before, DispatchTables after) =>
        after
            .Sets.Where(set => before.Sets.ContainsKey(set.Key))
            .Select(set => IptSetChange.Between(set.Value.Set, before.Sets[set.Key].Elements, set.Value.Elements))
            .Where(static change => !change.IsEmpty);
}
