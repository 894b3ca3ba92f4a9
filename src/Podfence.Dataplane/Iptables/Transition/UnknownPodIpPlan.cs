using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// What is done about unknown addresses around the rest of a change. Before it, addresses become unknown and ranges are new: both only refuse more. After it, addresses become known, whose fences
/// are complete by now, and ranges go. In between the ranges are both the old and the new.
/// </summary>
internal static class UnknownPodIpPlan
{
    /// <summary>What comes before everything else.</summary>
    public static IptPlan First(UnknownPodIpChange change)
    {
        var plan = new IptPlan();
        plan.Add(Each((script, family) =>
        {
            script.Delete(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(change.Known.Removed.Where(change.IsInAfter), family));

            // Nobody asks yet whether those are known that are in no range so far.
            script.Add(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(change.Known.Added.Where(address => !change.IsInBefore(address)), family));
        }));
        Switch(plan, change.Options, change.Before, change.Union);
        return plan;
    }

    /// <summary>Adds what comes last.</summary>
    public static void AddLast(IptPlan plan, UnknownPodIpChange change)
    {
        plan.Add(Each((script, family) => script.Add(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(change.Known.Added.Where(change.IsInBefore), family))));
        Switch(plan, change.Options, change.Union, change.After);

        // Nobody asks any more whether those are known that are in no range from now on.
        plan.Add(Each((script, family) => script.Delete(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(change.Known.Removed.Where(address => !change.IsInAfter(address)), family))));
    }

    /// <summary>From some ranges to others in one transaction per family.</summary>
    private static void Switch(IptPlan plan, RulesetOptions options, IReadOnlyCollection<IpRange> before, IReadOnlyCollection<IpRange> after)
    {
        var moves = IpFamilies.All.Select(family => (Family: family, Before: UnknownPodIpLowering.Ranges(before, family), After: UnknownPodIpLowering.Ranges(after, family)))
            .Where(static move => move.Before.Set != move.After.Set).ToDictionary(static move => move.Family);
        plan.Add(Each((script, family) =>
        {
            if (moves.TryGetValue(family, out var move))
            {
                script.Create(move.After.Set, move.After.Elements);
            }
        }));
        plan.Add(family =>
        {
            var script = new TableScript();
            foreach (var chain in moves.ContainsKey(family) ? BaseChains.Bases(options, after, family) : [])
            {
                script.Write(chain.Name, chain.Lines(SetView.Plain));
            }

            return script;
        });
        plan.Add(Each((script, family) =>
        {
            if (moves.TryGetValue(family, out var move))
            {
                script.Destroy(move.Before.Set.Name);
            }
        }));
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
}

/// <summary>A change of what is known of this node's pod ranges.</summary>
/// <param name="Options">The node's settings.</param>
/// <param name="Before">The ranges so far.</param>
/// <param name="After">The ranges from now on.</param>
/// <param name="Known">Addresses that become known and unknown.</param>
internal sealed record UnknownPodIpChange(RulesetOptions Options, IReadOnlyCollection<IpRange> Before, IReadOnlyCollection<IpRange> After, Delta<IpAddress> Known)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Known.IsEmpty && Before.Count == After.Count && Before.All(After.Contains);

    /// <summary>The ranges so far and from now on, disjoint.</summary>
    public IReadOnlyCollection<IpRange> Union { get; } = Merge(Before.Concat(After));

    /// <summary>Whether an address is in a range so far.</summary>
    public bool IsInBefore(IpAddress address) => Before.Any(range => range.Contains(address));

    /// <summary>Whether an address is in a range from now on.</summary>
    public bool IsInAfter(IpAddress address) => After.Any(range => range.Contains(address));

    private static List<IpRange> Merge(IEnumerable<IpRange> ranges)
    {
        var merged = new List<IpRange>();
        foreach (var range in ranges.OrderBy(static range => range.Family).ThenBy(static range => range.First))
        {
            if (merged is [.., var last] && last.Contains(range.First))
            {
                merged[^1] = new IpRange(last.First, range.Last > last.Last ? range.Last : last.Last);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
