using Podfence.Compilation;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>New connections per second through a node with many fenced pods.</summary>
internal static class ConnectionSection
{
    public const string Id = "connections";
    private const int LocalPods = 250;
    private const int ClusterPods = 100_000;

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        var shape = new ClusterShape(ClusterPods, LocalPods, LocalPods);
        var compiler = new NodeCompiler(shape.ToState(), ClusterShape.Node);
        var ruleset = compiler.Snapshot();
        var section = new Section(
            Id,
            $"New connections, {LocalPods} fenced pods, {Text.Count(shape.Policies)} policies in the cluster"
        )
        {
            Text = $"""
                A node forwards TCP connections to its {LocalPods} pods, all fenced in both directions ({ruleset.Fences.Count} fences,
                {ruleset.Sets.Count} sets). The clients are pods of other nodes that the policies allow. The cluster has
                {Text.Count(ClusterPods)} pods and {Text.Count(shape.Policies)} policies.

                Each connection is a handshake and a reset, so each needs a new conntrack entry and a verdict. It is compared with the
                same path without a fence, where one rule accepts what conntrack knows as established. One thread holds both ends:
                packets travel within its system calls, so its processor time is the whole path and nothing waits.
                """,
        };
        var table = new Table([
            "",
            "no fence, per second",
            "fenced, per second",
            "ratio by the clock",
            "ratio by processor time",
            "fence costs",
        ]);
        foreach (var family in IpFamilies.All)
        {
            using var bed = await Testbed.CreateAsync(cancel);
            var calls = shape
                .LocalIndexes()
                .Select(index => new Call(
                    shape.CallerOf(index).AddressOf(family)!.Value,
                    shape.PodOf(index).AddressOf(family)!.Value,
                    ClusterShape.Port
                ))
                .ToArray();
            new Random(1).Shuffle(calls);
            using var loop = new ConnectionLoop(bed, calls);
            var contest = new Contest(
                bed,
                loop,
                [("no fence", static bed => bed.LoadBaseline()), ("fenced", bed => bed.Load(ruleset))]
            );
            contest.Run(options.Rounds(60, 15), 2_000);
            var aim = Aim.Least(0.90, 0.97);
            section.Figures.Add(
                Figure.Of(
                    $"{family}/wall",
                    $"new connections, fenced : not, {family}, by the clock",
                    contest.WallRatio(1),
                    "",
                    aim
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{family}/cpu",
                    $"new connections, fenced : not, {family}, by processor time",
                    contest.CpuRatio(1),
                    "",
                    aim
                )
            );
            section.Figures.Add(
                Figure.Of($"{family}/baseline", $"connections without a fence, {family}", contest.Rate(0), "1/s")
            );
            section.Figures.Add(
                Figure.Of($"{family}/fenced", $"connections with the fence, {family}", contest.Rate(1), "1/s")
            );
            table.Add(
                family.ToString(),
                Text.Count(contest.Rate(0).Median),
                Text.Count(contest.Rate(1).Median),
                Text.Ratio(contest.WallRatio(1)),
                Text.Ratio(contest.CpuRatio(1)),
                $"{contest.Cost(1).Median - contest.Cost(0).Median:0.0} µs of {contest.Cost(0).Median:0.0}"
            );
        }

        section.Tables.Add(table);
        return section;
    }
}
