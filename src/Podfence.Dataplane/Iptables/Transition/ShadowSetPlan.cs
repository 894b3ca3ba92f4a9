using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The exact way, for changes of several things at once that packets must not see one by one. For each set that changes, what comes and what leaves are made sets of
/// their own. One transaction then switches to rules that look at all three: in the set and not leaving, or coming. So far the set itself has not changed, and while it does, element by
/// element, these rules find the same. A last transaction goes back to rules that look at the set alone.
/// </summary>
/// <remarks>So a packet sees the state before or the one afterwards, never one between. The price: two transactions, and new counters for the rules that look at those sets.</remarks>
internal static class ShadowSetPlan
{
    /// <summary>The steps.</summary>
    /// <param name="change">What is to change.</param>
    /// <param name="staying">Chains of fences that stay as they are.</param>
    public static IptPlan Make(IptChange change, IReadOnlyCollection<(IpFamily Family, IptChain Chain)> staying)
    {
        var (before, after) = (change.Before, change.After);
        IReadOnlyList<IptSetChange> all = [.. change.ChangedSets.Where(static set => !set.IsEmpty), .. IptChange.DispatchChanges(before, after)];
        IReadOnlyList<IptSetChange> changes = [.. all.Where(static set => !set.Set.OnlyLeads)];
        var view = new SetView(changes);
        var plan = new IptPlan();

        var preparation = new IpsetScript();
        foreach (var set in change.AddedSets.Concat(after.Sets.Values.Where(set => !before.Sets.ContainsKey(set.Set.Name))))
        {
            preparation.Create(set.Set, set.Elements);
        }

        CreateOverlays(preparation, changes);
        Lead(preparation, all);
        plan.Add(preparation);

        plan.Add(family =>
        {
            var script = new TableScript();
            foreach (var (_, chain) in change.AddedChains.Concat(staying.Where(item => item.Chain.Sees(view))).Where(item => item.Family == family))
            {
                script.Write(chain.Name, chain.Lines(view));
            }

            foreach (var (name, chain) in after.Chains[family])
            {
                var lines = chain.Lines(view);
                if (!before.Chains[family].TryGetValue(name, out var same) || !same.Lines(SetView.Plain).SequenceEqual(lines))
                {
                    script.Write(name, lines);
                }
            }

            return script;
        });

        plan.Add(Mutate(all));

        plan.Add(family =>
        {
            var script = new TableScript();
            var looking = change.AddedChains.Concat(staying).Where(item => item.Family == family).Select(static item => item.Chain).Concat(after.Chains[family].Values);
            foreach (var chain in looking.Where(chain => chain.Sees(view)))
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
        DestroyOverlays(rest, changes);
        foreach (var set in before.Sets.Keys.Where(name => !after.Sets.ContainsKey(name)).Concat(change.RemovedSets.Select(static set => set.Name)))
        {
            rest.Destroy(set);
        }

        plan.Add(rest);
        return plan;
    }

    /// <summary>Makes the sets of what comes and of what leaves.</summary>
    internal static void CreateOverlays(IpsetScript script, IReadOnlyList<IptSetChange> changes)
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

    /// <summary>Lets the sets grow that only lead to fences.</summary>
    internal static void Lead(IpsetScript script, IReadOnlyList<IptSetChange> changes)
    {
        foreach (var change in changes.Where(static change => change.Set.OnlyLeads))
        {
            script.Add(change.Set, change.Added);
        }
    }

    /// <summary>Brings the sets to what they are to be.</summary>
    internal static IpsetScript Mutate(IReadOnlyList<IptSetChange> changes)
    {
        var script = new IpsetScript();
        foreach (var change in changes)
        {
            script.Add(change.Set, change.Set.OnlyLeads ? [] : change.Added);
            script.Delete(change.Set, change.Removed);
        }

        return script;
    }

    /// <summary>Destroys them again.</summary>
    internal static void DestroyOverlays(IpsetScript script, IReadOnlyList<IptSetChange> changes)
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
