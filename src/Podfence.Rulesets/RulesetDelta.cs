using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>The way from one ruleset to the next, without repeating what stays. Nothing occurs in it twice, and nothing that ends where it began.</summary>
public sealed record RulesetDelta
{
    /// <summary>New sets with all their elements.</summary>
    public required IReadOnlyDictionary<SetId, IReadOnlyCollection<SetElement>> AddedSets { get; init; }

    /// <summary>Sets that no fence refers to any more.</summary>
    public required IReadOnlyCollection<SetId> RemovedSets { get; init; }

    /// <summary>Elements that enter or leave sets that stay.</summary>
    public required IReadOnlyDictionary<SetId, ElementDelta> ChangedSets { get; init; }

    /// <summary>Fences that appear (before is null), change, or go (after is null).</summary>
    public required IReadOnlyCollection<Change<Fence>> Fences { get; init; }

    /// <summary>Fenced addresses that appear, change fences, or go.</summary>
    public required IReadOnlyDictionary<IpAddress, Change<FencedEndpoint>> Endpoints { get; init; }

    /// <summary>Ranges that this node's pods get addresses from, from now on and no longer; see <see cref="Ruleset.PodRanges"/>.</summary>
    public Difference<IpRange> PodRanges { get; init; } = new([], []);

    /// <summary>Addresses that become known and unknown; see <see cref="Ruleset.KnownPodIps"/>.</summary>
    public Difference<IpAddress> KnownPodIps { get; init; } = new([], []);

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => AddedSets.Count + RemovedSets.Count + ChangedSets.Count + Fences.Count + Endpoints.Count == 0 && PodRanges.IsEmpty && KnownPodIps.IsEmpty;
}

/// <summary>Elements that enter and leave one set.</summary>
/// <param name="Added">Not in the set before.</param>
/// <param name="Removed">In the set before.</param>
public sealed record ElementDelta(IReadOnlyCollection<SetElement> Added, IReadOnlyCollection<SetElement> Removed);

/// <summary>Values that come and go, none of them both.</summary>
/// <param name="Added">Not there before.</param>
/// <param name="Removed">There before.</param>
public sealed record Difference<T>(IReadOnlyCollection<T> Added, IReadOnlyCollection<T> Removed)
{
    /// <summary>Whether nothing comes or goes.</summary>
    public bool IsEmpty => Added.Count + Removed.Count == 0;
}

/// <summary>A value before and after; one of them may be null, not both.</summary>
/// <param name="Before">The value so far.</param>
/// <param name="After">The value from now on.</param>
public sealed record Change<T>(T? Before, T? After)
    where T : class;
