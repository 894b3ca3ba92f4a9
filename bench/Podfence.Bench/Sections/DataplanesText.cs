using System.Globalization;

namespace Podfence.Bench;

/// <summary>What <see cref="DataplanesSection"/> says and tabulates.</summary>
internal static class DataplanesText
{
    private const int Article = 3;

    /// <summary>How it was measured, and what is to be learnt from it, in the numbers of this run.</summary>
    public static string Of(IReadOnlyDictionary<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)> results)
    {
        const string How = """
            The same policies on the same node by four ways, in turns, with connection tracking on throughout: Podfence over nftables, over iptables-nft and over iptables-legacy; and *the article's design*, to the letter: one rule per pair of addresses and
            port in a chain per policy, a chain per pod that tries its policies in turn and ends in REJECT, two rules per pod in FORWARD; loaded by iptables-legacy-restore. Each policy selects one pod of the node and
            admits five pods of other nodes on one port; calls are spread evenly over all that is admitted. *A peer* is a pod that comes or goes which a hundredth of the policies admit; *a policy* is one of a pod that is
            fenced already. Both are timed by the clock from before the compiler hears of the object until the last program has ended, there and back; the article's side gets its changed lines ready-made and all at once. *Load* is from
            the cluster's state to the rules, into a kernel that has none. What a connection costs is processor time beyond that without rules.
            """;
        if (results.Count == 0)
        {
            return How;
        }

        var (load, (_, sides)) = results.MaxBy(static result => ((long)result.Key.Policies * 1_000) + result.Key.Pods);
        return $"""
            {How}

            **The lesson.** With {Text.Count(load.Policies)} policies on {load.Pods} pods the article's design is {Text.Count(sides[Article].Rules)} rules. A connection costs {Cost(sides[Article])} by it, as each of its packets walks the rules that lead to other pods and then half of
            its own pod's; {Cost(sides[0])} by nftables, {Cost(sides[1])} by iptables-nft, {Cost(sides[2])} by iptables-legacy, which look into sets and walk trees. So it is the number of rules on a packet's way that costs, not
            iptables; with few policies the plain list is as good as any. What iptables does cost is changes, as they are processes, and the whole table where it is legacy: a policy takes {Of(sides[0].Policy.Median)} by netlink, {Of(sides[1].Policy.Median)} by the programs of
            iptables-nft, {Of(sides[2].Policy.Median)} by those of iptables-legacy. And sets pay most where the cluster is busiest: a peer is one element, which takes {Of(sides[0].Peer.Median)}, {Of(sides[1].Peer.Median)} and {Of(sides[2].Peer.Median)} however many policies admit it; by
            rules for each of its pairs it takes {Of(sides[Article].Peer.Median)}, and grows with both.
            """;
    }

    /// <summary>A table for packets, and one for changes.</summary>
    public static void AddTables(Section section, IReadOnlyDictionary<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)> results)
    {
        var packets = new Table(["policies", "pods", "way", "rules", "connections per second", "per second of processor time", "of those without rules, by processor time", "a connection costs"]);
        var changes = new Table(["policies", "pods", "way", "a peer comes or goes", "× nftables", "a policy comes or goes", "× nftables", "load from scratch", "× nftables"]);
        foreach (var (load, (bare, sides)) in results)
        {
            packets.Add(Text.Count(load.Policies), Number(load.Pods), bare.Name, "", Text.Count(bare.Rate.Median), Text.Count(bare.CpuRate.Median), "", "");
            foreach (var side in sides)
            {
                packets.Add(Text.Count(load.Policies), Number(load.Pods), side.Name, Text.Count(side.Rules), Text.Count(side.Rate.Median), Text.Count(side.CpuRate.Median), Text.Ratio(side.CpuRatio), $"{side.Cost.Median:0.0} µs");
                changes.Add(Text.Count(load.Policies), Number(load.Pods), side.Name, Time(side.Peer), Times(side.PeerRatio), Time(side.Policy), Times(side.PolicyRatio), Time(side.Load), Times(side.LoadRatio));
            }
        }

        section.Tables.Add(packets);
        section.Tables.Add(changes);
    }

    // Below what rounds differ by, a number would only be chance.
    private static string Cost(SideResult side) => side.Cost.Median < 0.1 ? "less than can be measured" : $"{side.Cost.Median:0.0} µs";

    private static string Time(Samples seconds) => $"{Of(seconds.Median)} ({Of(seconds.Spread.Low)} – {Of(seconds.Spread.High)})";

    private static string Of(double seconds) => seconds switch
    {
        < 1e-3 => $"{seconds * 1e6:0} µs",
        < 0.1 => $"{seconds * 1e3:0.0} ms",
        _ => $"{seconds * 1e3:0} ms",
    };

    private static string Times(Samples ratio) => ratio.Median < 20 ? $"{ratio.Median:0.0} ×" : $"{ratio.Median:#,0} ×";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
