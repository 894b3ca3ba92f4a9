using Podfence.Compilation;

namespace Podfence.Bench;

/// <summary>
/// New connections to a pod that a thousand policies select, beside a chain that is walked rule by rule.
/// </summary>
internal static class RulesSection
{
    public const string Id = "rules";
    private const int Policies = 1_000;

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        var section = new Section(Id, $"New connections to one pod that {Text.Count(Policies)} policies select")
        {
            Text = $"""
                Each policy allows one client; calls are spread evenly over all of them. *As compiled* is what Podfence loads: rules are
                found by lookups, or united where a lookup finds many. *Rule by rule* is the same meaning as one chain of
                {Text.Count(
                    Policies
                )} rules, which a compiler without indexes writes; on average half of it is walked. Both are compared
                with the path without a fence, interleaved with it.
                """,
        };
        var table = new Table([
            "rules that differ in",
            "no fence, per second",
            "as compiled, by the clock",
            "by processor time",
            "costs",
            "rule by rule, by processor time",
            "costs",
        ]);
        foreach (var crowd in CrowdedPod.All.Where(crowd => options.Runs(Id, crowd.Id)))
        {
            using var bed = await Testbed.CreateAsync(cancel);
            using var loop = new ConnectionLoop(bed, crowd.Calls(Policies, new Random(2)));
            var compiled = crowd.Compile(Policies, new CompilerOptions());
            var linear = crowd.Compile(Policies, new CompilerOptions { MaxLinearRules = int.MaxValue });
            var contest = new Contest(
                bed,
                loop,
                [
                    ("no fence", static bed => bed.LoadBaseline()),
                    ("as compiled", bed => bed.Load(compiled)),
                    ("rule by rule", bed => bed.Load(linear)),
                ]
            );
            contest.Run(options.Rounds(40, 9), 2_000);
            var aim = Aim.Least(0.85);
            section.Figures.Add(
                Figure.Of(
                    $"{crowd.Id}/wall",
                    $"1,000 policies, {crowd.Name}, by the clock",
                    contest.WallRatio(1),
                    "",
                    aim
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{crowd.Id}/cpu",
                    $"1,000 policies, {crowd.Name}, by processor time",
                    contest.CpuRatio(1),
                    "",
                    aim
                )
            );
            section.Figures.Add(
                Figure.Of($"{crowd.Id}/linear", $"1,000 policies, {crowd.Name}, rule by rule", contest.CpuRatio(2), "")
            );
            var idle = contest.Cost(0).Median;
            table.Add(
                crowd.Name,
                Text.Count(contest.Rate(0).Median),
                Text.Ratio(contest.WallRatio(1)),
                Text.Ratio(contest.CpuRatio(1)),
                $"{contest.Cost(1).Median - idle:0.0} µs",
                Text.Ratio(contest.CpuRatio(2)),
                $"{contest.Cost(2).Median - idle:0.0} µs"
            );
        }

        section.Tables.Add(table);
        return section;
    }
}
