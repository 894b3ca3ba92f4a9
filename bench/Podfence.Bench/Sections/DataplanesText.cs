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
            The same policies on the same node in four variants, interleaved, with connection tracking on throughout: Podfence over
            nftables, over iptables-nft and over iptables-legacy; and *one rule per pair*, the design of the article that Podfence
            started from: a chain per policy with one rule per pair of addresses and port, a chain per pod that tries its policies in
            turn and ends in REJECT, two rules per pod in FORWARD, loaded by iptables-legacy-restore.

            Each policy selects one pod of the node and allows five pods of other nodes on one port; calls are spread evenly.
            *A peer* is a pod that a hundredth of the policies allow, added or removed; *a policy* is one of a pod that is fenced
            already. Both are timed from before the compiler receives the object until the last program has ended, in both
            directions; one rule per pair gets its changed lines ready-made and all at once. *Load* is from the cluster's state to
            the rules, into a kernel that has none. The cost of a connection is processor time beyond that without rules.
            """;
        if (results.Count == 0)
        {
            return How;
        }

        var (load, (_, sides)) = results.MaxBy(static result => ((long)result.Key.Policies * 1_000) + result.Key.Pods);
        return $"""
            {How}

            **Result.** With {Text.Count(load.Policies)} policies on {load.Pods} pods, one rule per pair is {Text.Count(
                sides[Article].Rules
            )} rules. A connection costs
            {Cost(sides[Article])} there, because each packet walks the rules of other pods and half of its own pod's;
            {Cost(sides[0])} by nftables, {Cost(sides[1])} by iptables-nft, {Cost(
                sides[2]
            )} by iptables-legacy, which use sets and trees.
            The number of rules on a packet's path costs, not iptables; with few policies the plain list is as good as any.

            Changes are what iptables costs, because they are processes, and the whole table with iptables-legacy: a policy
            takes {Of(sides[0].Policy.Median)} by netlink, {Of(sides[1].Policy.Median)} by iptables-nft, {Of(
                sides[2].Policy.Median
            )} by iptables-legacy. A peer is one element:
            {Of(sides[0].Peer.Median)}, {Of(sides[1].Peer.Median)} and {Of(
                sides[2].Peer.Median
            )} however many policies allow it; one rule per pair takes {Of(sides[Article].Peer.Median)}.
            """;
    }

    /// <summary>A table for packets, and one for changes.</summary>
    public static void AddTables(
        Section section,
        IReadOnlyDictionary<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)> results
    )
    {
        var packets = new Table([
            "policies",
            "pods",
            "variant",
            "rules",
            "connections per second",
            "per second of processor time",
            "against no rules, by processor time",
            "cost of a connection",
        ]);
        var changes = new Table([
            "policies",
            "pods",
            "variant",
            "a peer",
            "× nftables",
            "a policy",
            "× nftables",
            "load from scratch",
            "× nftables",
        ]);
        foreach (var (load, (bare, sides)) in results)
        {
            packets.Add(
                Text.Count(load.Policies),
                Number(load.Pods),
                bare.Name,
                "",
                Text.Rounded(bare.Rate),
                Text.Rounded(bare.CpuRate),
                "",
                ""
            );
            foreach (var side in sides)
            {
                packets.Add(
                    Text.Count(load.Policies),
                    Number(load.Pods),
                    side.Name,
                    Text.Count(side.Rules),
                    Text.Rounded(side.Rate),
                    Text.Rounded(side.CpuRate),
                    Text.Ratio(side.CpuRatio),
                    Cost(side)
                );
                changes.Add(
                    Text.Count(load.Policies),
                    Number(load.Pods),
                    side.Name,
                    Time(side.Peer),
                    Times(side.PeerRatio),
                    Time(side.Policy),
                    Times(side.PolicyRatio),
                    Time(side.Load),
                    Times(side.LoadRatio)
                );
            }
        }

        section.Tables.Add(packets);
        section.Tables.Add(changes);
    }

    // Below what rounds differ by, a number would only be chance.
    private static string Cost(SideResult side) =>
        side.Cost.Median < 0.1 ? "not measurable" : $"{side.Cost.Median:0.0} µs";

    private static string Time(Samples seconds) =>
        $"{Of(seconds.Median)} ({Of(seconds.Spread.Low)} – {Of(seconds.Spread.High)})";

    private static string Of(double seconds) => Text.Seconds(seconds);

    private static string Times(Samples ratio) => $"{Text.Significant(ratio.Median)} ×";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
