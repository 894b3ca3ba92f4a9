using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Turns a delta of the ruleset into the smallest change of the table: chains whose rules stay are not touched, nor are
/// sets and elements that stay.
/// </summary>
public static class DeltaTransition
{
    /// <summary>The transactions; empty for an empty delta.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="fencedAddresses">
    /// How many addresses of the node are fenced before it, as <see cref="RulesetLowering.FencedAddresses"/> counts.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A fence keeps its name but changes its direction, family or isolating policies.
    /// </exception>
    public static NftChange ToChange(RulesetDelta delta, int fencedAddresses)
    {
        var transition = new TableTransition();
        transition.Elements.Add(LinkLocals(fencedAddresses), LinkLocals(fencedAddresses + Growth(delta)));
        foreach (var (id, elements) in delta.AddedSets)
        {
            transition.Set(null, new NftSetContent(TableLayout.Set(id), RulesetLowering.Elements(elements)));
        }

        foreach (var (id, change) in delta.ChangedSets)
        {
            transition.Elements.Add(
                TableLayout.Set(id),
                RulesetLowering.Elements(change.Removed),
                RulesetLowering.Elements(change.Added)
            );
        }

        foreach (var (before, after) in delta.Fences)
        {
            AddFence(transition, before, after);
        }

        foreach (var (address, change) in delta.Endpoints)
        {
            transition.Elements.Add(
                EndpointLowering.Lower(address, change.Before),
                EndpointLowering.Lower(address, change.After)
            );
        }

        foreach (var family in delta.PodRanges.IsEmpty && delta.KnownPodIps.IsEmpty ? [] : IpFamilies.All)
        {
            transition.Elements.Add(
                UnknownPodIpLayout.Ranges(family),
                UnknownPodIpLayout.Elements(delta.PodRanges.Removed, family),
                UnknownPodIpLayout.Elements(delta.PodRanges.Added, family)
            );
            transition.Elements.Add(
                UnknownPodIpLayout.Known(family),
                UnknownPodIpLayout.Elements(delta.KnownPodIps.Removed, family),
                UnknownPodIpLayout.Elements(delta.KnownPodIps.Added, family)
            );
        }

        foreach (var id in delta.RemovedSets)
        {
            transition.Set(new NftSetContent(TableLayout.Set(id), []), null);
        }

        return transition.ToChange();
    }

    /// <summary>How many more addresses are fenced after a change than before.</summary>
    public static int Growth(RulesetDelta delta) =>
        delta.Endpoints.Values.Count(static change => change.Before is null)
        - delta.Endpoints.Values.Count(static change => change.After is null);

    private static IEnumerable<SetMember> LinkLocals(int fencedAddresses) =>
        TableLayout
            .LinkLocalElements(fencedAddresses)
            .Select(static element => new SetMember(TableLayout.LinkLocal, element));

    private static void AddFence(TableTransition transition, Fence? before, Fence? after)
    {
        // A chain's comment cannot be changed, and it names the policies.
        if (
            before is not null
            && after is not null
            && (
                before.Direction != after.Direction
                || before.Family != after.Family
                || before.Policies != after.Policies
            )
        )
        {
            throw new ArgumentException(
                $"fence {after.Name} changed its direction, family or policies: it needs a different name",
                nameof(after)
            );
        }

        if (after is null && before!.Branches.IsEmpty)
        {
            transition.RemovedChain(before.Name);
            return;
        }

        var old = before is null ? LoweredFence.None : FenceLowering.Lower(before);
        var fresh = after is null ? LoweredFence.None : FenceLowering.Lower(after);
        transition.Chains(old.Chains, fresh.Chains);
        transition.Set(old.Ports, fresh.Ports);
    }
}
