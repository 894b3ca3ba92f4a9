using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Guesses which labels a selector was intended to match.</summary>
internal static class SelectorGuess
{
    /// <summary>
    /// What to write instead of a requirement that none of the labels fulfil, or null if nothing is similar.
    /// </summary>
    public static string? Near(LabelSelector selector, IEnumerable<LabelSet> labels)
    {
        var known = labels.Distinct().ToList();
        foreach (
            var requirement in selector.Requirements.Where(requirement =>
                requirement is { Operator: LabelOperator.In, Values.Count: 1 } && !known.Exists(requirement.Matches)
            )
        )
        {
            var values = known
                .Select(set => set[requirement.Key])
                .OfType<string>()
                .Distinct()
                .Order(StringComparer.Ordinal)
                .ToArray();
            if (DidYouMean.Closest(requirement.Values[0], values) is { } value)
            {
                return $"did you mean {requirement.Key}={value}?";
            }

            var keys = known
                .SelectMany(static set => set)
                .Where(label => label.Value == requirement.Values[0])
                .Select(static label => label.Key)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .ToArray();
            if (values.Length == 0 && (DidYouMean.Closest(requirement.Key, keys) ?? keys.FirstOrDefault()) is { } key)
            {
                return $"did you mean {key}={requirement.Values[0]}?";
            }
        }

        return null;
    }
}
