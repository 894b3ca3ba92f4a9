using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Describes how the kernel differs from the rules it should hold. Pure.</summary>
public static class IptDiff
{
    /// <summary>Maximum number of differences that are listed; a last line counts the others.</summary>
    public const int Limit = 20;

    /// <summary>The differences, in a stable order; empty when there are none.</summary>
    public static IReadOnlyList<string> Describe(IptRuleset expected, IptSnapshot actual)
    {
        var all = IpFamilies
            .All.SelectMany(family => Jumps(expected, actual, family).Concat(Chains(expected, actual, family)))
            .Concat(Sets(expected, actual))
            .ToList();
        return all.Count <= Limit ? all : [.. all.Take(Limit), $"and {all.Count - Limit} more differences"];
    }

    /// <summary>
    /// Whether the jumps are as expected: one in each built-in chain, the first rule there, and no other.
    /// </summary>
    internal static bool HasExpectedJumps(IReadOnlyList<IptJump> expected, TableSnapshot actual) =>
        actual.Jumps.Count == expected.Count
        && expected.All(jump => actual.Jumps.Contains(new FoundJump(jump.Hook, 1, jump.Line)));

    private static IEnumerable<string> Jumps(IptRuleset expected, IptSnapshot actual, IpFamily family)
    {
        var rest = actual.Tables[family].Jumps.ToList();
        foreach (var jump in expected.Jumps)
        {
            var found = rest.FindIndex(rule => rule.Hook == jump.Hook && rule.Line == jump.Line);
            if (found < 0)
            {
                yield return $"{Text(family)}: the jump from {jump.Hook} is missing";
                continue;
            }

            if (rest[found].Position != 1)
            {
                var position = rest[found].Position;
                yield return $"{Text(family)}: the jump from {jump.Hook} is at position {position} instead of 1";
            }

            rest.RemoveAt(found);
        }

        foreach (var jump in rest)
        {
            yield return $"{Text(family)}: rule {jump.Position} of {jump.Hook} "
                + $"jumps to a Podfence chain but is not Podfence's: {jump.Line}";
        }
    }

    private static IEnumerable<string> Chains(IptRuleset expected, IptSnapshot actual, IpFamily family)
    {
        var found = actual.Tables[family].Chains;
        foreach (var (name, chain) in expected.Chains[family].OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (!found.TryGetValue(name, out var rules))
            {
                yield return $"{Text(family)}: chain {name} is missing";
            }
            else if (Rules(chain.Lines(SetView.Plain), rules) is { } difference)
            {
                yield return $"{Text(family)}: chain {name}{difference}";
            }
        }

        foreach (
            var name in found
                .Keys.Where(name => !expected.Chains[family].ContainsKey(name))
                .Order(StringComparer.Ordinal)
        )
        {
            yield return $"{Text(family)}: chain {name} is unexpected";
        }
    }

    // The first rule that differs is enough: those after it have often only moved.
    private static string? Rules(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            if (expected[i] != actual[i])
            {
                return $": rule {i + 1} of {expected.Count} is '{actual[i]}' instead of '{expected[i]}'";
            }
        }

        return expected.Count == actual.Count ? null : $" has {actual.Count} rules instead of {expected.Count}";
    }

    private static IEnumerable<string> Sets(IptRuleset expected, IptSnapshot actual)
    {
        foreach (var (name, content) in expected.Sets.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (!actual.Sets.TryGetValue(name, out var found))
            {
                yield return $"set {name} is missing";
            }
            else if (found.Header != content.Set.Header)
            {
                yield return $"set {name} is {found.Header} instead of {content.Set.Header}";
            }
            else
            {
                foreach (var difference in Elements(content, found))
                {
                    yield return difference;
                }
            }
        }

        foreach (
            var name in actual.Sets.Keys.Where(name => !expected.Sets.ContainsKey(name)).Order(StringComparer.Ordinal)
        )
        {
            yield return $"set {name} is unexpected";
        }
    }

    private static IEnumerable<string> Elements(IptSetContent expected, SetSnapshot actual)
    {
        var change = IptSetChange.Between(expected.Set, [.. actual.Elements.Values], expected.Elements);
        foreach (var element in change.Added.Order())
        {
            yield return actual.Elements.TryGetValue(element.Key, out var other)
                ? $"set {expected.Set.Name}: element {element.Key} "
                    + $"has comment '{other.Comment}' instead of '{element.Comment}'"
                : $"set {expected.Set.Name}: element {element} is missing";
        }

        foreach (var element in change.Removed.Order())
        {
            yield return $"set {expected.Set.Name}: element {element} is unexpected";
        }
    }

    private static string Text(IpFamily family) => family == IpFamily.IPv4 ? "iptables" : "ip6tables";
}
