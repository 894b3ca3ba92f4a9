using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// What is done about unknown pod IPs around the rest of a change. Before it, pod IPs become unknown and ranges are
/// added: both only deny more. After it, pod IPs become known, whose fences are complete by now, and ranges are
/// removed. In between the ranges are both the old and the new.
/// </summary>
internal static class UnknownPodIpPlan
{
    /// <summary>What precedes everything else.</summary>
    public static IptPlan First(UnknownPodIpChange change)
    {
        var plan = new IptPlan();
        plan.Add(
            Each(
                (script, family) =>
                {
                    var known = UnknownPodIpLowering.Known(family);
                    script.Delete(
                        known,
                        UnknownPodIpLowering.Addresses(change.Known.Removed.Where(change.IsInAfter), family)
                    );

                    // No rule matches yet whether pod IPs in the new ranges are known.
                    var early = change.Known.Added.Where(address => !change.IsInBefore(address));
                    script.Add(known, UnknownPodIpLowering.Addresses(early, family));
                }
            )
        );
        Switch(plan, change.Options, change.Before, change.Union);
        return plan;
    }

    /// <summary>Adds what comes last.</summary>
    public static void AddLast(IptPlan plan, UnknownPodIpChange change)
    {
        plan.Add(
            Each(
                (script, family) =>
                {
                    var added = change.Known.Added.Where(change.IsInBefore);
                    script.Add(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(added, family));
                }
            )
        );
        Switch(plan, change.Options, change.Union, change.After);

        // No rule matches any more whether pod IPs in the removed ranges are known.
        plan.Add(
            Each(
                (script, family) =>
                {
                    var late = change.Known.Removed.Where(address => !change.IsInAfter(address));
                    script.Delete(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(late, family));
                }
            )
        );
    }

    // From some ranges to others in one transaction per family.
    private static void Switch(
        IptPlan plan,
        RulesetOptions options,
        IReadOnlyCollection<IpRange> before,
        IReadOnlyCollection<IpRange> after
    )
    {
        var moves = IpFamilies
            .All.Select(family => new RangesMove(
                family,
                UnknownPodIpLowering.Ranges(before, family),
                UnknownPodIpLowering.Ranges(after, family)
            ))
            .Where(static move => move.Before.Set != move.After.Set)
            .ToDictionary(static move => move.Family);
        plan.Add(
            Each(
                (script, family) =>
                {
                    if (moves.TryGetValue(family, out var move))
                    {
                        script.Create(move.After.Set, move.After.Elements);
                    }
                }
            )
        );
        plan.Add(family =>
        {
            var script = new TableScript();
            foreach (var chain in moves.ContainsKey(family) ? BaseChains.Bases(options, after, family) : [])
            {
                script.Write(chain.Name, chain.Lines(SetView.Plain));
            }

            return script;
        });
        plan.Add(
            Each(
                (script, family) =>
                {
                    if (moves.TryGetValue(family, out var move))
                    {
                        script.Destroy(move.Before.Set.Name);
                    }
                }
            )
        );
    }

    private static IpsetScript Each(Action<IpsetScript, IpFamily> write)
    {
        var script = new IpsetScript();
        foreach (var family in IpFamilies.All)
        {
            write(script, family);
        }

        return script;
    }

    private sealed record RangesMove(IpFamily Family, IptSetContent Before, IptSetContent After);
}
