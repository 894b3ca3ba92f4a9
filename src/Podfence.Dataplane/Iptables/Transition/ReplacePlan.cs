using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The way from whatever of ours is in the kernel, left by an earlier process at any step or changed by others, to what should be there. Goes like the
/// <see cref="ShadowSetPlan"/>, and leaves alone what is as it should be: nothing is flushed first, and what was in force is, until one transaction per family replaces it.
/// </summary>
internal static class ReplacePlan
{
    /// <summary>The steps; none when nothing differs.</summary>
    public static IReadOnlyList<IptStep> Make(IptSnapshot actual, IptRuleset desired)
    {
        var used = actual.Tables.Values.SelectMany(static table => table.Chains.Values).SelectMany(static chain => chain).SelectMany(SetsOf).ToHashSet();
        var changes = Changes(actual, desired, used);
        var overlays = changes.Where(static change => !change.Set.OnlyLeads).ToList();
        var view = new SetView(overlays);
        var plan = new IptPlan();

        var preparation = new IpsetScript();
        foreach (var name in Stale(actual, desired, overlays))
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

        ShadowSetPlan.CreateOverlays(preparation, overlays);
        ShadowSetPlan.Lead(preparation, changes);
        plan.Add(preparation);

        plan.Add(family => Switch(actual.Tables[family], desired, family, view));
        plan.Add(ShadowSetPlan.Mutate(changes));
        plan.Add(family => Settle(actual.Tables[family], desired.Chains[family], view));

        var rest = new IpsetScript();
        ShadowSetPlan.DestroyOverlays(rest, overlays);
        var remade = Stale(actual, desired, overlays).ToHashSet();
        foreach (var name in actual.Sets.Keys.Where(name => !desired.Sets.ContainsKey(name) && !remade.Contains(name)).Order(StringComparer.Ordinal))
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
            if (actual.Sets.TryGetValue(name, out var found) && found.Header == content.Set.Header
                && IptSetChange.Between(content.Set, [.. found.Elements.Values], content.Elements) is { IsEmpty: false } change)
            {
                // A change that was interrupted may have left rules that look at its sets of what comes and leaves: those must not be touched yet.
                changes.Add(change with { Alternate = used.Contains(change.AddedSet.Name) || used.Contains(change.RemovedSet.Name) });
            }
        }

        return changes;
    }

    /// <summary>Sets that stand where others are to be made: of another type, or left under the names of what comes and leaves. No rule of ours looks at them.</summary>
    private static IEnumerable<string> Stale(IptSnapshot actual, IptRuleset desired, List<IptSetChange> overlays) =>
        desired.Sets.Values.Where(content => actual.Sets.TryGetValue(content.Set.Name, out var found) && found.Header != content.Set.Header).Select(static content => content.Set.Name)
            .Concat(overlays.SelectMany(static change => new[] { change.AddedSet.Name, change.RemovedSet.Name }).Where(actual.Sets.ContainsKey));

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

        if (!IptDiff.JumpsAreRight(desired.Jumps, actual))
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
        for (var at = rule.IndexOf(Match, StringComparison.Ordinal); at >= 0; at = rule.IndexOf(Match, at + 1, StringComparison.Ordinal))
        {
            var start = at + Match.Length;
            yield return rule[start..rule.IndexOf(' ', start)];
        }
    }
}
