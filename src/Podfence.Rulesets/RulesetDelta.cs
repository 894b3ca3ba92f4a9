using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>
/// The changes from one ruleset to the next. Nothing occurs twice; a change and its reversal do not occur.
/// </summary>
public sealed record RulesetDelta
{
    /// <summary>New sets with all their elements.</summary>
    public required IReadOnlyDictionary<SetId, IReadOnlyCollection<SetElement>> AddedSets { get; init; }

    /// <summary>Sets that no fence refers to any more.</summary>
    public required IReadOnlyCollection<SetId> RemovedSets { get; init; }

    /// <summary>Changed elements of the other sets.</summary>
    public required IReadOnlyDictionary<SetId, Delta<SetElement>> ChangedSets { get; init; }

    /// <summary>Fences that are added (before is null), changed, or removed (after is null).</summary>
    public required IReadOnlyCollection<Change<Fence>> Fences { get; init; }

    /// <summary>Fenced addresses that are added, change fences, or are removed.</summary>
    public required IReadOnlyDictionary<IpAddress, Change<FencedEndpoint>> Endpoints { get; init; }

    /// <summary>
    /// Changes of the ranges that this node's pods get addresses from; see <see cref="Ruleset.PodRanges"/>.
    /// </summary>
    public Delta<IpRange> PodRanges { get; init; } = new([], []);

    /// <summary>Addresses that become known or unknown; see <see cref="Ruleset.KnownPodIps"/>.</summary>
    public Delta<IpAddress> KnownPodIps { get; init; } = new([], []);

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty =>
        AddedSets.Count + RemovedSets.Count + ChangedSets.Count + Fences.Count + Endpoints.Count == 0
        && PodRanges.IsEmpty
        && KnownPodIps.IsEmpty;
}
