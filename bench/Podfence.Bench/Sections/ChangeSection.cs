namespace Podfence.Bench;

/// <summary>The time from a change of one object to the kernel's commit, in a small cluster and a large one.</summary>
internal static class ChangeSection
{
    public const string Id = "changes";
    private const int LocalPods = 100;
    private const int WarmUp = 50;
    private static readonly ClusterShape s_small = new(1_000, LocalPods, LocalNamespaces: 9);
    private static readonly ClusterShape s_large = new(100_000, LocalPods, LocalNamespaces: 9);
    private static readonly ClusterShape s_spread = new(100_000, LocalPods, LocalNamespaces: LocalPods);

    public static Section Run(BenchOptions options)
    {
        var section = new Section(Id, "One change, from the state to the kernel's commit")
        {
            Text = $"""
                The time for one changed object to become one committed transaction: the state takes the change, the compiler works out
                its effect on this node, netlink sends it to nf_tables, which commits before it replies.

                Three nodes with {LocalPods} fenced pods, interleaved: in a *small* cluster of {Text.Count(
                    s_small.Pods
                )} pods and {Text.Count(s_small.Policies)} policies; in a
                *large* one of {Text.Count(s_large.Pods)} and {Text.Count(
                    s_large.Policies
                )}, with the same node; and in the large one with pods of
                {s_spread.LocalNamespaces} namespaces on the node instead of {s_large.LocalNamespaces} (*spread*), which is ten times as many fences.

                Times include the change and its reversal. Ratios are of processor time, the mean of both, which includes the kernel's
                part and leaves out other programs. *From scratch* compiles the same state with a new compiler and loads it into an empty
                kernel.
                """,
        };
        LiveNode[] nodes = [new(s_small), new(s_large), new(s_spread)];
        var courses = OneChange.All.Select(change => Course(change, nodes, options.Rounds(1_000, 200))).ToList();
        var scratch = FromScratch(nodes, options.Rounds(15, 5));

        var times = new Table([
            "change",
            "small, p50 (p99)",
            "large, p50 (p99)",
            "spread, p50 (p99)",
            "state and compiler, large",
            "driver and kernel, large",
        ]);
        var ratios = new Table([
            "change",
            "large : small",
            "spread : small",
            "from scratch : change, large",
            "from scratch : change, spread",
        ]);
        for (var i = 0; i < courses.Count; i++)
        {
            var (change, course) = (OneChange.All[i], courses[i]);
            var split = course.Compiled.Median / course.Cpu[1].Median;
            times.Add(
                change.Name,
                Quantiles(course.Wall[0]),
                Quantiles(course.Wall[1]),
                Quantiles(course.Wall[2]),
                $"{split:0 %}",
                $"{1 - split:0 %}"
            );
            var (inLarge, inSpread) = (Cheaper(scratch[1], course.Cpu[1]), Cheaper(scratch[2], course.Cpu[2]));
            ratios.Add(
                change.Name,
                Text.Ratio(course.Ratio[1]),
                Text.Ratio(course.Ratio[2]),
                $"**{Text.Significant(inLarge.Median)}** ×",
                $"**{Text.Significant(inSpread.Median)}** ×"
            );
            // On the spread node, because that is what a scheduler makes of so large a cluster.
            section.Figures.Add(
                Figure.Of(
                    $"{change.Id}/ratio",
                    $"{change.Name}: large cluster : small",
                    course.Ratio[1],
                    "",
                    Aim.Most(1.5)
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{change.Id}/cheaper",
                    $"{change.Name}: from scratch : change (spread)",
                    inSpread,
                    "",
                    change.IsOfPod ? Aim.Least(200) : null
                )
            );
            section.Figures.Add(
                Figure.Of($"{change.Id}/small", $"{change.Name}: small cluster, p50", course.Wall[0], "s")
            );
            section.Figures.Add(
                Figure.Of($"{change.Id}/large", $"{change.Name}: large cluster, p50", course.Wall[1], "s")
            );
        }

        times.Add(
            "everything, from scratch: processor time",
            Text.Microseconds(scratch[0].Median),
            Text.Microseconds(scratch[1].Median),
            Text.Microseconds(scratch[2].Median),
            "",
            ""
        );
        section.Tables.Add(times);
        section.Tables.Add(ratios);
        section.Figures.Add(Figure.Of("scratch", "from scratch, large cluster", scratch[1], "s"));
        return section;
    }

    private static (Samples[] Wall, Samples[] Cpu, Samples[] Ratio, Samples Compiled) Course(
        OneChange change,
        LiveNode[] nodes,
        int rounds
    )
    {
        Samples[] New() => [.. nodes.Select(static _ => new Samples())];
        var (wall, cpu, ratio, compiled) = (New(), New(), New(), new Samples());
        for (var round = -WarmUp; round < rounds; round++)
        {
            var (both, bothCompiled) = (new double[nodes.Length], 0.0);
            for (var i = 0; i < nodes.Length; i++)
            {
                var node = (i + round + WarmUp) % nodes.Length;
                var (there, back) = change.Prepare(nodes[node], round + WarmUp);
                foreach (var time in new[] { nodes[node].Time(there), nodes[node].Time(back) })
                {
                    both[node] += time.Cpu;
                    if (round >= 0)
                    {
                        wall[node].Add(time.Wall);
                        bothCompiled += node == 1 ? time.Compiled : 0;
                    }
                }
            }

            for (var i = 0; i < nodes.Length && round >= 0; i++)
            {
                // One way costs more than the other, and a median over both kinds would fall anywhere between them: so
                // the mean of each pair.
                cpu[i].Add(both[i] / 2);
                ratio[i].Add(both[i] / both[0]);
            }

            if (round >= 0)
            {
                compiled.Add(bothCompiled / 2);
            }
        }

        return (wall, cpu, ratio, compiled);
    }

    /// <summary>
    /// Comes last: a compiler listens to its state for as long as the state lives. Each node is let go, so that the
    /// collector has no other cluster to walk.
    /// </summary>
    private static Samples[] FromScratch(LiveNode[] nodes, int rounds)
    {
        var samples = nodes.Select(static _ => new Samples()).ToArray();
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].TimeFromScratch();
            for (var round = 0; round < rounds; round++)
            {
                samples[i].Add(nodes[i].TimeFromScratch().Cpu);
            }

            nodes[i].Dispose();
            nodes[i] = null!;
        }

        return samples;
    }

    /// <summary>How many changes the time of one full load is worth; its spread is that of the load.</summary>
    private static Samples Cheaper(Samples scratch, Samples change) =>
        new([scratch.Spread.Low / change.Median, scratch.Median / change.Median, scratch.Spread.High / change.Median]);

    private static string Quantiles(Samples samples) =>
        $"{Text.Microseconds(samples.Median)} ({Text.Microseconds(samples.Quantile(0.99))})";
}
