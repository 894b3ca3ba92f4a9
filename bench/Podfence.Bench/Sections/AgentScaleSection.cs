namespace Podfence.Bench;

/// <summary>
/// The agent as it is shipped, in clusters of three sizes: start, memory, and what a thousand changes a second cost.
/// </summary>
internal static class AgentScaleSection
{
    public const string Id = "agent/scale";
    private const string Title = "The agent in clusters of three sizes";
    private const int Rate = 1_000;
    private const int Probes = 50;

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        if (NativeAgent.Missing is { } why)
        {
            return Section.NotMeasured(Id, Title, why);
        }

        var load = new AgentLoad(Rate, Probes, options.Rounds(20, 5), TimeSpan.FromSeconds(options.Rounds(5, 2)));
        var sizes = AgentCluster.Sizes.Where(size => options.Runs(Id, $"{size.Pods}")).ToList();
        var beds = new List<AgentBed>();
        var runs = sizes.Select(static _ => new List<AgentRun>()).ToList();
        try
        {
            foreach (var size in sizes)
            {
                beds.Add(await AgentBed.CreateAsync(size, cancel));
            }

            for (var round = 0; round < options.Rounds(5, 1); round++)
            {
                for (var i = 0; i < sizes.Count; i++)
                {
                    var turn = (round + i) % sizes.Count;
                    runs[turn].Add(await AgentRun.TakeAsync(beds[turn], load, cancel));
                }
            }

            return Report(sizes, runs, load, beds[0].Server.PodLength);
        }
        finally
        {
            beds.ForEach(static bed => bed.Dispose());
        }
    }

    private static Section Report(List<AgentCluster> sizes, List<List<AgentRun>> runs, AgentLoad load, int podLength)
    {
        var section = new Section(Id, Title)
        {
            Text = $"""
                `podfence agent` as `make build` produces it, in its own network namespace, with a simulated API server in another
                process over the loopback address. The node is the same at each size, {AgentCluster.LocalPods} pods of {AgentCluster.LocalNamespaces} namespaces; the cluster around it
                grows. A pod is {Text.Count(
                    podLength
                )} bytes of JSON. *Serving* is the time from before the process starts until /metrics responds,
                *fenced* until the agent is ready. *Settled* is resident {load.Rest.TotalSeconds:0} s later, *after the storm* at the end, *peak* at any moment.

                Then the server changes {Text.Count(
                    load.Rate
                )} pods a second for {load.Seconds} s: status heartbeats (70 %), labels, new pods, deletions; a tenth of
                it in namespaces that the node has pods of. {load.Probes} a second are probes, which certainly change a rule of the node: a pod of
                another node is relabelled and enters or leaves what local pods allow, or a pod is added to or removed from the node.

                *Event to kernel* is timed from outside: from before the server gets the probe until a listener has the message of
                nf_tables that the commit with the probe's address is done. It includes the server, the socket, the agent, the kernel and
                the listener. *Own histogram* is the part of the agent's transactions that were committed within 5 ms of their oldest
                event, from /metrics. The sizes are interleaved.
                """,
        };
        var start = new Table([
            "nodes / pods / policies / namespaces",
            "serving",
            "fenced",
            "resident, settled",
            "after the storm",
            "peak",
        ]);
        var storm = new Table([
            "pods",
            "processor time per change",
            "bytes read per change",
            "commits per second",
            "event to kernel, p50",
            "p99",
            "p100",
            "pods of other nodes, p50 (p99)",
            "pods of this node, p50 (p99)",
            "own histogram, within 5 ms",
        ]);
        for (var i = 0; i < sizes.Count; i++)
        {
            var (size, lives) = (sizes[i], runs[i]);
            Samples Of(Func<AgentRun, double> value) => new(lives.Select(value));
            Samples Kind(ProbeKind kind) => new(lives.SelectMany(run => run.Latency[kind].Values));
            var all = new Samples(lives.SelectMany(static run => run.AllLatency.Values));
            var (p50, p99) = (
                Of(static run => run.AllLatency.Median * 1e3),
                Of(static run => run.AllLatency.Quantile(0.99) * 1e3)
            );
            var settled = Of(static run => run.Settled);
            start.Add(
                $"{Text.Count(size.Nodes)} / {Text.Count(size.Pods)} / {Text.Count(size.Policies)} / "
                    + $"{Text.Count(size.Namespaces)}",
                Text.Milliseconds(Of(static run => run.ToServing.TotalMilliseconds)),
                Text.Milliseconds(Of(static run => run.ToFenced.TotalMilliseconds)),
                Text.Mebibytes(settled),
                Text.Mebibytes(Of(static run => run.After)),
                Text.Mebibytes(Of(static run => run.Peak))
            );
            storm.Add(
                Text.Count(size.Pods),
                Text.Microseconds(Of(static run => run.CpuPerChange).Median),
                Text.Bytes(Of(static run => run.BytesPerChange).Median),
                Text.Count(Of(static run => run.CommitsPerSecond).Median),
                Text.Milliseconds(p50),
                Text.Milliseconds(p99),
                $"{all.Quantile(1) * 1e3:0.0} ms",
                Quantiles(Kind(ProbeKind.Caller)),
                Quantiles(Kind(ProbeKind.Arrival)),
                $"{Of(static run => run.WithinFive).Median:0.0 %}"
            );
            var id = $"{size.Pods}";
            var pods = $"{Text.Count(size.Pods)} pods";
            section.Figures.Add(
                Figure.Of(
                    $"{id}/serving",
                    $"agent, {pods}: from process start to serving metrics, ms",
                    Of(static run => run.ToServing.TotalMilliseconds),
                    "ms",
                    Aim.Most(100)
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/fenced",
                    $"agent, {pods}: from process start to fully fenced, ms",
                    Of(static run => run.ToFenced.TotalMilliseconds),
                    "ms"
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/settled",
                    $"agent, {pods}: resident, settled, MiB",
                    settled,
                    "MiB",
                    size.Pods switch
                    {
                        10_000 => Aim.Most(60),
                        100_000 => Aim.Most(200),
                        _ => null,
                    }
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/after",
                    $"agent, {pods}: resident after the storm, MiB",
                    Of(static run => run.After),
                    "MiB"
                )
            );
            section.Figures.Add(
                Figure.Of($"{id}/peak", $"agent, {pods}: resident, peak, MiB", Of(static run => run.Peak), "MiB")
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/cpu",
                    $"agent, {pods}: processor time per change",
                    Of(static run => run.CpuPerChange * 1e6),
                    "µs"
                )
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/bytes",
                    $"agent, {pods}: bytes read per change",
                    Of(static run => run.BytesPerChange),
                    "B"
                )
            );
            section.Figures.Add(Figure.Of($"{id}/p50", $"agent, {pods}: event to kernel, p50, ms", p50, "ms"));
            section.Figures.Add(
                Figure.Of($"{id}/p99", $"agent, {pods}: event to kernel, p99, ms", p99, "ms", Aim.Most(5))
            );
            section.Figures.Add(
                Figure.Of(
                    $"{id}/p100",
                    $"agent, {pods}: event to kernel, p100, ms",
                    Of(static run => run.AllLatency.Quantile(1) * 1e3),
                    "ms"
                )
            );
        }

        if (sizes.Count > 1)
        {
            // Round by round, as they took turns.
            Samples Growth(double quantile) =>
                new(
                    runs[^1]
                        .Zip(runs[0], (large, small) =>
                            large.AllLatency.Quantile(quantile) / small.AllLatency.Quantile(quantile)
                        )
                );
            var between = $"{Text.Count(sizes[^1].Pods)} pods : {Text.Count(sizes[0].Pods)}";
            section.Figures.Add(
                Figure.Of("growth/p50", $"agent, event to kernel, p50, {between}", Growth(0.5), "", Aim.Most(1.5))
            );
            section.Figures.Add(
                Figure.Of("growth/p99", $"agent, event to kernel, p99, {between}", Growth(0.99), "", Aim.Most(1.5))
            );
        }

        section.Tables.Add(start);
        section.Tables.Add(storm);
        return section;
    }

    private static string Quantiles(Samples samples) =>
        $"{samples.Median * 1e3:0.0} ms ({samples.Quantile(0.99) * 1e3:0.0} ms)";
}
