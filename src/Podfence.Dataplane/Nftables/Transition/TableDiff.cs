using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Describes how the table in the kernel differs from the expected one. Pure.</summary>
public static class TableDiff
{
    /// <summary>Maximum number of differences that are listed; a last line counts the others.</summary>
    public const int Limit = 20;

    /// <summary>The differences, in a stable order; empty when there are none.</summary>
    /// <param name="expected">The expected table.</param>
    /// <param name="actual">The table in the kernel, or null.</param>
    public static IReadOnlyList<string> Describe(NftTable expected, NftTable? actual)
    {
        if (actual is null)
        {
            return ["the table is missing"];
        }

        var all = Chains(expected, actual).Concat(Sets(expected, actual));
        var listed = new List<string>();
        var others = 0;
        foreach (var difference in all)
        {
            if (listed.Count < Limit)
            {
                listed.Add(difference);
            }
            else
            {
                others++;
            }
        }

        if (others > 0)
        {
            listed.Add($"and {others} more differences");
        }

        return listed;
    }

    /// <summary>Whether two chains have the same rules after reading back.</summary>
    internal static bool SameRules(NftChain expected, NftChain actual) =>
        expected.Rules == actual.Rules
        || (
            expected.Rules.Count == actual.Rules.Count
            && NftNormalForm.Of(expected.Rules) == NftNormalForm.Of(actual.Rules)
        );

    /// <summary>Whether two sets have the same type, ignoring comments.</summary>
    internal static bool SameType(NftSet expected, NftSet actual) =>
        expected with { Comment = null } == actual with { Comment = null };

    private static IEnumerable<string> Chains(NftTable expected, NftTable actual)
    {
        foreach (var (name, chain) in expected.Chains.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!actual.Chains.TryGetValue(name, out var found))
            {
                yield return $"chain {name} is missing";
                continue;
            }

            if (found.Hook != chain.Hook)
            {
                yield return $"chain {name} is hooked at {Text(found.Hook)} instead of {Text(chain.Hook)}";
            }

            if (Rules(chain, found) is { } difference)
            {
                yield return difference;
            }
        }

        foreach (
            var name in actual
                .Chains.Keys.Where(name => !expected.Chains.ContainsKey(name))
                .Order(StringComparer.Ordinal)
        )
        {
            yield return $"chain {name} is unexpected";
        }
    }

    // The first rule that differs is enough: those after it have often only moved.
    private static string? Rules(NftChain expected, NftChain actual)
    {
        var (rules, foundRules) = (NftNormalForm.Of(expected.Rules), NftNormalForm.Of(actual.Rules));
        var common = Math.Min(rules.Count, foundRules.Count);
        for (var i = 0; i < common; i++)
        {
            var (rule, found) = (rules[i], foundRules[i]);
            if (rule != found)
            {
                var which = $"rule {i + 1} of {expected.Rules.Count} ({rule.Comment})";
                return $"chain {expected.Name}: {which} is {Text(found)}";
            }
        }

        return expected.Rules.Count == actual.Rules.Count
            ? null
            : $"chain {expected.Name} has {actual.Rules.Count} rules instead of {expected.Rules.Count}";
    }

    private static IEnumerable<string> Sets(NftTable expected, NftTable actual)
    {
        foreach (var (name, content) in expected.Sets.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!actual.Sets.TryGetValue(name, out var found))
            {
                yield return $"set {name} is missing";
                continue;
            }

            if (!SameType(found.Set, content.Set))
            {
                yield return $"set {name} has a different type";
                continue;
            }

            foreach (var difference in Elements(content, found))
            {
                yield return difference;
            }
        }

        foreach (
            var name in actual.Sets.Keys.Where(name => !expected.Sets.ContainsKey(name)).Order(StringComparer.Ordinal)
        )
        {
            yield return $"set {name} is unexpected";
        }
    }

    private static IEnumerable<string> Elements(NftSetContent expected, NftSetContent actual)
    {
        var found = actual.Elements.ToDictionary(Key);
        var name = expected.Set.Name;
        var missing = new List<string>();
        foreach (var element in expected.Elements)
        {
            if (!found.Remove(Key(element), out var same))
            {
                missing.Add($"set {name}: element {Text(element)} is missing");
            }
            else if (same != element)
            {
                missing.Add($"set {name}: element {Text(element)} is {Text(same)}");
            }
        }

        return missing
            .Order(StringComparer.Ordinal)
            .Concat(
                found
                    .Values.Select(element => $"set {name}: element {Text(element)} is unexpected")
                    .Order(StringComparer.Ordinal)
            );
    }

    private static (SetElement Key, PortRange Ports) Key(NftElement element) => (element.Key, element.Ports);

    private static string Text(NftElement element)
    {
        var key = element.Key == default ? element.Ports.ToString() : element.Key.ToString();
        var comment = element.Comment is null ? string.Empty : $" ({element.Comment})";
        return element.Verdict is { } verdict ? $"{key}: {verdict}{comment}" : key + comment;
    }

    private static string Text(NftHook? hook) =>
        hook is null ? "no hook" : $"{hook.Point} at {hook.Priority}".ToLowerInvariant();

    private static string Text(NftRule rule)
    {
        foreach (var statement in rule.Statements)
        {
            if (statement is ForeignStatement foreign)
            {
                return $"foreign: {foreign.Description}";
            }
        }

        return rule.Comment is null ? "a different rule" : $"a different rule ({rule.Comment})";
    }
}
