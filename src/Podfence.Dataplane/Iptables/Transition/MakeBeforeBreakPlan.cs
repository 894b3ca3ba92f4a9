using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The cheap plan, for most changes: often a single run of ipset. Every address that changes fences is attached to the
/// new one first and detached from the old one last, so that in between both have to allow a packet. Peer sets grow
/// first and shrink next, so that in between they hold the old and the new elements.
/// </summary>
/// <remarks>
/// A packet passes if its source's fence and its destination's fence allow it: V = E and I. Where of each of the two at
/// most one thing changes, the fence that the address is attached to or the sets that the fence matches, and where not
/// the sets of both do, every step leaves V as it was before or makes it what it will be: fences go from E0 over (E0
/// and E1) to E1, sets from I0 over (I0 or I1) to I1, and in this order a flow that is denied before and after is
/// denied throughout, one that is allowed before and after is allowed throughout. <see cref="NeedsShadowSets"/> finds
/// the changes for which this does not hold; they use the <see cref="ShadowSetPlan"/>.
/// </remarks>
internal static class MakeBeforeBreakPlan
{
    /// <summary>The steps.</summary>
    /// <param name="change">The change.</param>
    /// <param name="both">The dispatch with every address attached to its old and its new fences.</param>
    public static IptPlan Make(IptChange change, DispatchTables both)
    {
        var (before, after) = (change.Before, change.After);
        var plan = new IptPlan();

        // Sets that no rule matches yet, then the isolation by fences that exist already.
        var isolation = new IpsetScript();
        var newDispatchSets = both.Sets.Values.Where(set => !before.Sets.ContainsKey(set.Set.Name));
        foreach (var set in change.AddedSets.Concat(newDispatchSets))
        {
            isolation.Create(set.Set, set.Elements);
        }

        foreach (var set in IptChange.DispatchChanges(before, both))
        {
            isolation.Add(set.Set, set.Added);
        }

        plan.Add(isolation);

        // The isolation by new fences, complete the moment it is there.
        plan.Add(family => Tables(family, before, both, change.AddedChains, []));

        // First allow what is new, then deny what is no longer allowed, and only then detach the old fences.
        var switching = new IpsetScript();
        foreach (var set in change.ChangedSets)
        {
            switching.Add(set.Set, set.Added);
        }

        foreach (var set in change.ChangedSets)
        {
            switching.Delete(set.Set, set.Removed);
        }

        foreach (var set in IptChange.DispatchChanges(both, after))
        {
            switching.Add(set.Set, set.Added);
            switching.Delete(set.Set, set.Removed);
        }

        plan.Add(switching);

        // Chains and sets that nothing uses any more.
        plan.Add(family => Tables(family, both, after, [], change.RemovedChains));
        var rest = new IpsetScript();
        var unused = both.Sets.Keys.Where(name => !after.Sets.ContainsKey(name));
        foreach (var set in unused.Concat(change.RemovedSets.Select(static set => set.Name)))
        {
            rest.Destroy(set);
        }

        plan.Add(rest);
        return plan;
    }

    private static TableScript Tables(
        IpFamily family,
        DispatchTables from,
        DispatchTables to,
        IReadOnlyList<FamilyChain> added,
        IReadOnlyList<ChainName> removed
    )
    {
        var script = new TableScript();
        foreach (var (_, chain) in added.Where(chain => chain.Family == family))
        {
            script.Write(chain.Name, chain.Lines(SetView.Plain));
        }

        foreach (var (name, chain) in to.Chains[family])
        {
            var lines = chain.Lines(SetView.Plain);
            if (!from.Chains[family].TryGetValue(name, out var same) || !same.Lines(SetView.Plain).SequenceEqual(lines))
            {
                script.Write(name, lines);
            }
        }

        var unused = from.Chains[family].Keys.Where(name => !to.Chains[family].ContainsKey(name));
        foreach (
            var name in unused.Concat(removed.Where(chain => chain.Family == family).Select(static chain => chain.Name))
        )
        {
            script.Delete(name);
        }

        return script;
    }
}
