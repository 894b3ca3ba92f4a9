using Podfence.Compilation;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>
/// The delta between two whole rulesets, by comparing everything: what the compiler finds out by indexes, found the
/// long way.
/// </summary>
public static class RulesetDiff
{
    /// <summary>The way from one to the other. The options must be the same, as a delta cannot change them.</summary>
    public static RulesetDelta Between(Ruleset before, Ruleset after)
    {
        if (before.Options != after.Options)
        {
            throw new ArgumentException("a delta cannot change the options", nameof(after));
        }

        return new RulesetDelta
        {
            AddedSets = after
                .Sets.Where(set => !before.Sets.ContainsKey(set.Key))
                .ToDictionary(set => set.Key, set => (IReadOnlyCollection<SetElement>)[.. set.Value]),
            RemovedSets = [.. before.Sets.Keys.Where(id => !after.Sets.ContainsKey(id))],
            ChangedSets = ChangedSets(before, after),
            Fences = [.. Changes(before.Fences, after.Fences).Values],
            Endpoints = Changes(before.Endpoints, after.Endpoints),
            PodRanges = new(
                [.. after.PodRanges.Except(before.PodRanges)],
                [.. before.PodRanges.Except(after.PodRanges)]
            ),
            KnownPodIps = new(
                [.. after.KnownPodIps.Except(before.KnownPodIps)],
                [.. before.KnownPodIps.Except(after.KnownPodIps)]
            ),
        };
    }

    private static Dictionary<SetId, Delta<SetElement>> ChangedSets(Ruleset before, Ruleset after)
    {
        var changes = new Dictionary<SetId, Delta<SetElement>>();
        foreach (var (id, elements) in after.Sets)
        {
            if (before.Sets.TryGetValue(id, out var old))
            {
                var delta = new Delta<SetElement>([.. elements.Except(old)], [.. old.Except(elements)]);
                if (delta.Added.Count + delta.Removed.Count > 0)
                {
                    changes.Add(id, delta);
                }
            }
        }

        return changes;
    }

    private static Dictionary<TKey, Change<TValue>> Changes<TKey, TValue>(
        IReadOnlyDictionary<TKey, TValue> before,
        IReadOnlyDictionary<TKey, TValue> after
    )
        where TKey : notnull
        where TValue : class
    {
        var changes = new Dictionary<TKey, Change<TValue>>();
        foreach (var key in before.Keys.Union(after.Keys))
        {
            var change = new Change<TValue>(before.GetValueOrDefault(key), after.GetValueOrDefault(key));
            if (!Equals(change.Before, change.After))
            {
                changes.Add(key, change);
            }
        }

        return changes;
    }
}
