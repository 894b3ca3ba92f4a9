using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// From whatever Podfence rules are in the kernel, left by an earlier process at any step or changed by other programs,
/// to the rules that should be there. Works like the <see cref="ShadowSetPlan"/> and does not touch what is correct:
/// nothing is flushed first, and the old rules are in force until one transaction per family replaces them.
/// </summary>
internal static class ReplacePlan
{
    /// <summary>The steps; none when nothing differs.</summary>
    public static IReadOnlyList<IptStep> Make(IptSnapshot actual, IptRuleset desired)
    {
        var used = actual
            .Tables.Values.SelectMany(static table => table.Chains.Values)
            .SelectMany(static chain => chain)
            .SelectMany(SetsOf)
            .ToHashSet();
        var changes = Changes(actual, desired, used);
        var shadowed = changes.Where(static change => !change.Set.IsDispatchOnly).ToList();
        var stale = Stale(actual, desired, shadowed).ToList();
        var view = new SetView(shadowed);
        var plan = new IptPlan();

        var preparation = new IpsetScript();
        foreach (var name in stale)
        {
            preparation.Destroy(name);
        }

        foreach (var (name, content) in desired.Sets)
        {
            if (!actual.Sets.TryGetValue(name, out var found) || found.Header != content.Set.Header)
            {
                preparation.Create(content.Set, content.Elements);
            }
        }

        ShadowSetPlan.CreateShadowSets(preparation, shadowed);
        ShadowSetPlan.GrowDispatchSets(preparation, changes);
        plan.Add(preparation);

        plan.Add(family => Switch(actual.Tables[family], desired, family, view));
        plan.Add(ShadowSetPlan.ChangeSets(changes));
        plan.Add(family => Settle(actual.Tables[family], desired.Chains[family], view));

        var rest = new IpsetScript();
        ShadowSetPlan.DestroyShadowSets(rest, shadowed);
        var unused = actual.Sets.Keys.Where(name => !desired.Sets.ContainsKey(name) && !stale.Contains(name));
        foreach (var name in unused.Order(StringComparer.Ordinal))
        {
            rest.Destroy(name);
        }

        plan.Add(rest);
        return plan.Steps;
    }

    private static List<IptSetChange> Changes(IptSnapshot actual, IptRuleset desired, HashSet<string> used)
    {
        var changes = new List<IptSetChange>();
        foreach (var (name, content) in desired.Sets)
        {
            if (
                actual.Sets.TryGetValue(name, out var found)
                && found.Header == content.Set.Header
                && IptSetChange.Between(content.Set, [.. found.Elements.Values], content.Elements)
                    is { IsEmpty: false } change
            )
            {
                // An interrupted change may have left rules that match its shadow sets: those must not be touched yet.
                var isUsed = used.Contains(change.AddedSet.Name) || used.Contains(change.RemovedSet.Name);
                changes.Add(change with { Alternate = isUsed });
            }
        }

        return changes;
    }

    /// <summary>
    /// Sets in the way of new ones: of another type, or left under the names of shadow sets. No Podfence rule matches
    /// them.
    /// </summary>
    private static IEnumerable<string> Stale(IptSnapshot actual, IptRuleset desired, List<IptSetChange> shadowed)
    {
        var otherType = desired
            .Sets.Values.Where(content =>
                actual.Sets.TryGetValue(content.Set.Name, out var found) && found.Header != content.Set.Header
            )
            .Select(static content => content.Set.Name);
        var shadows = shadowed.SelectMany(static change => new[] { change.AddedSet.Name, change.RemovedSet.Name });
        return otherType.Concat(shadows.Where(actual.Sets.ContainsKey));
    }

    private static TableScript Switch(TableSnapshot actual, IptRuleset desired, IpFamily family, SetView view)
    {
        var script = new TableScript();
        foreach (var (name, chain) in desired.Chains[family])
        {
            var lines = chain.Lines(view);
            if (!actual.Chains.TryGetValue(name, out var found) || !found.SequenceEqual(lines))
            {
                script.Write(name, lines);
            }
        }

        if (!IptDiff.HasExpectedJumps(desired.Jumps, actual))
        {
            foreach (var jump in actual.Jumps)
            {
                script.Remove(jump.Hook, jump.Line);
            }

            foreach (var jump in desired.Jumps)
            {
                script.InsertFirst(jump.Hook, jump.Line);
            }
        }

        return script;
    }

    private static TableScript Settle(TableSnapshot actual, IReadOnlyDictionary<string, IptChain> desired, SetView view)
    {
        var script = new TableScript();
        foreach (var chain in desired.Values.Where(chain => chain.Sees(view)))
        {
            script.Write(chain.Name, chain.Lines(SetView.Plain));
        }

        foreach (var name in actual.Chains.Keys.Where(name => !desired.ContainsKey(name)).Order(StringComparer.Ordinal))
        {
            script.Delete(name);
        }

        return script;
    }

    // "-m set --match-set NAME src", with or without "!".
    private static IEnumerable<string> SetsOf(string rule)
    {
        const string Match = "--match-set ";
        for (
            var at = rule.IndexOf(Match, StringComparison.Ordinal);
            at >= 0;
            at = rule.IndexOf(Match, at + 1, StringComparison.Ordinal)
        )
        {
            var start = at + Match.Length;
            yield return rule[start..rule.IndexOf(' ', start)];
        }
    }
}
