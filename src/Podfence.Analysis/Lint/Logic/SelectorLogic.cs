using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// What follows from label selectors alone, whatever labels there are. Keys do not depend on each other, so that a
/// selector is, key by key, a set of what the label may be:
/// some values or all but some, or absent. There are always more values than a selector names.
/// </summary>
internal static class SelectorLogic
{
    /// <summary>Whether the second selector matches everything that the first matches.</summary>
    public static bool Implies(LabelSelector narrow, LabelSelector wide)
    {
        if (narrow.Unreadable || wide.Unreadable)
        {
            return narrow.Unreadable;
        }

        var own = ByKey(narrow);
        return own.Values.Any(static set => set.IsEmpty)
            || ByKey(wide).All(pair => own.GetValueOrDefault(pair.Key, LabelValues.Anything).IsWithin(pair.Value));
    }

    /// <summary>
    /// As <see cref="Implies"/> for subjects of policies, where an unreadable selector selects every pod.
    /// </summary>
    public static bool ImpliesSubject(LabelSelector narrow, LabelSelector wide) =>
        Implies(
            narrow.Unreadable ? LabelSelector.Everything : narrow,
            wide.Unreadable ? LabelSelector.Everything : wide
        );

    /// <summary>Whether no labels fulfil both, subjects of policies.</summary>
    public static bool AreDisjointSubjects(LabelSelector a, LabelSelector b) =>
        !a.Unreadable
        && !b.Unreadable
        && IsContradiction(new LabelSelector { Requirements = [.. a.Requirements, .. b.Requirements] });

    /// <summary>Whether no labels fulfil it.</summary>
    public static bool IsContradiction(LabelSelector selector) =>
        !selector.Unreadable && ByKey(selector).Values.Any(static set => set.IsEmpty);

    /// <summary>
    /// The only values that a key may have, where the selector says which; null where it leaves them open.
    /// </summary>
    public static IReadOnlyCollection<string>? ValuesOf(LabelSelector selector, string key) =>
        ByKey(selector).TryGetValue(key, out var set) && set is { MayBeAbsent: false, IsAllBut: false }
            ? set.Values
            : null;

    private static Dictionary<string, LabelValues> ByKey(LabelSelector selector)
    {
        var sets = new Dictionary<string, LabelValues>(StringComparer.Ordinal);
        foreach (var requirement in selector.Requirements)
        {
            sets[requirement.Key] = sets.GetValueOrDefault(requirement.Key, LabelValues.Anything)
                .And(LabelValues.Of(requirement));
        }

        return sets;
    }

    /// <summary>What the label of one key may be.</summary>
    private sealed record LabelValues(bool MayBeAbsent, bool IsAllBut, HashSet<string> Values)
    {
        public static LabelValues Anything { get; } = new(true, true, []);

        public bool IsEmpty => !MayBeAbsent && !IsAllBut && Values.Count == 0;

        public static LabelValues Of(LabelRequirement requirement)
        {
            HashSet<string> values = new(requirement.Values, StringComparer.Ordinal);
            return requirement.Operator switch
            {
                LabelOperator.In => new(false, false, values),
                LabelOperator.NotIn => new(true, true, values),
                LabelOperator.Exists => new(false, true, []),
                _ => new(true, false, []),
            };
        }

        public LabelValues And(LabelValues other) =>
            new(
                MayBeAbsent && other.MayBeAbsent,
                IsAllBut && other.IsAllBut,
                (IsAllBut, other.IsAllBut) switch
                {
                    (true, true) => [.. Values, .. other.Values],
                    (true, false) => [.. other.Values.Except(Values)],
                    (false, true) => [.. Values.Except(other.Values)],
                    _ => [.. Values.Intersect(other.Values)],
                }
            );

        public bool IsWithin(LabelValues other) =>
            (!MayBeAbsent || other.MayBeAbsent)
            && (IsAllBut, other.IsAllBut) switch
            {
                (true, true) => other.Values.IsSubsetOf(Values),
                (true, false) => false,
                (false, true) => !Values.Overlaps(other.Values),
                _ => Values.IsSubsetOf(other.Values),
            };
    }
}
