namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The exact plan, for changes of several things at once that packets must not see one by one. For each set that
/// changes, shadow sets are created of the elements to add and of those to remove. One transaction then switches to
/// rules that match all three: in the set and not to be removed, or to be added. The set itself has not changed so far,
/// and while it does, element by element, these rules match the same addresses. A last transaction returns to rules
/// that match the set alone.
/// </summary>
/// <remarks>
/// So a packet sees the state before or the one afterwards, never one between. The cost: two transactions, and counters
/// that restart for the rules that match those sets.
/// </remarks>
internal static class ShadowSetPlan
{
    /// <summary>The steps.</summary>
    /// <param name="change">The change.</param>
    /// <param name="staying">Chains of fences that stay as they are.</param>
    public static IptPlan Make(IptChange change, IReadOnlyCollection<FamilyChain> staying)
    {
        var (before, after) = (change.Before, change.After);
        IReadOnlyList<IptSetChange> all =
        [
            .. change.ChangedSets.Where(static set => !set.IsEmpty),
            .. IptChange.DispatchChanges(before, after),
        ];
        IReadOnlyList<IptSetChange> changes = [.. all.Where(static set => !set.Set.IsDispatchOnly)];
        var view = new SetView(changes);
        var plan = new IptPlan();

        var preparation = new IpsetScript();
        var newDispatchSets = after.Sets.Values.Where(set => !before.Sets.ContainsKey(set.Set.Name));
        foreach (var set in change.AddedSets.Concat(newDispatchSets))
        {
            preparation.Create(set.Set, set.Elements);
        }

        CreateShadowSets(preparation, changes);
        GrowDispatchSets(preparation, all);
        plan.Add(preparation);

        plan.Add(family =>
        {
            var script = new TableScript();
            var affected = change.AddedChains.Concat(staying.Where(item => item.Chain.Sees(view)));
            foreach (var (_, chain) in affected.Where(item => item.Family == family))
            {
                script.Write(chain.Name, chain.Lines(view));
            }

            foreach (var (name, chain) in after.Chains[family])
            {
                var lines = chain.Lines(view);
                if (
                    !before.Chains[family].TryGetValue(name, out var same)
                    || !same.Lines(SetView.Plain).SequenceEqual(lines)
                )
                {
                    script.Write(name, lines);
                }
            }

            return script;
        });

        plan.Add(ChangeSets(all));

        plan.Add(family =>
        {
            var script = new TableScript();
            var chains = change
                .AddedChains.Concat(staying)
                .Where(item => item.Family == family)
                .Select(static item => item.Chain)
                .Concat(after.Chains[family].Values);
            foreach (var chain in chains.Where(chain => chain.Sees(view)))
            {
                script.Write(chain.Name, chain.Lines(SetView.Plain));
            }

            foreach (var name in before.Chains[family].Keys.Where(name => !after.Chains[family].ContainsKey(name)))
            {
                script.Delete(name);
            }

            foreach (var (_, name) in change.RemovedChains.Where(chain => chain.Family == family))
            {
                script.Delete(name);
            }

            return script;
        });

        var rest = new IpsetScript();
        DestroyShadowSets(rest, changes);
        var unused = before.Sets.Keys.Where(name => !after.Sets.ContainsKey(name));
        foreach (var set in unused.Concat(change.RemovedSets.Select(static set => set.Name)))
        {
            rest.Destroy(set);
        }

        plan.Add(rest);
        return plan;
    }

    /// <summary>Creates the sets of elements to add and to remove.</summary>
    internal static void CreateShadowSets(IpsetScript script, IReadOnlyList<IptSetChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Added.Count > 0)
            {
                script.Create(change.AddedSet, change.Added);
            }

            if (change.Removed.Count > 0)
            {
                script.Create(change.RemovedSet, change.Removed);
            }
        }
    }

    /// <summary>Adds the new elements of sets that only dispatch.</summary>
    internal static void GrowDispatchSets(IpsetScript script, IReadOnlyList<IptSetChange> changes)
    {
        foreach (var change in changes.Where(static change => change.Set.IsDispatchOnly))
        {
            script.Add(change.Set, change.Added);
        }
    }

    /// <summary>Brings the sets to their new content.</summary>
    internal static IpsetScript ChangeSets(IReadOnlyList<IptSetChange> changes)
    {
        var script = new IpsetScript();
        foreach (var change in changes)
        {
            script.Add(change.Set, change.Set.IsDispatchOnly ? [] : change.Added);
            script.Delete(change.Set, change.Removed);
        }

        return script;
    }

    internal static void DestroyShadowSets(IpsetScript script, IReadOnlyList<IptSetChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Added.Count > 0)
            {
                script.Destroy(change.AddedSet.Name);
            }

            if (change.Removed.Count > 0)
            {
                script.Destroy(change.RemovedSet.Name);
            }
        }
    }
}
