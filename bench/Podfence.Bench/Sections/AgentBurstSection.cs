namespace Podfence.Bench;

/// <summary>One policy event that concerns every pod of a cluster.</summary>
internal static class AgentBurstSection
{
    public const string Id = "agent/burst";
    private const string Title = "One policy that touches 10,000 pods";
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        if (NativeAgent.Missing is { } why)
        {
            return Section.NotMeasured(Id, Title, why);
        }

        using var bed = await AgentBed.CreateAsync(AgentCluster.Sizes[1], cancel);
        await using var agent = await bed.StartAgentAsync(cancel);
        using var watch = bed.Watch();
        var (open, close) = (new List<Burst>(), new List<Burst>());
        for (var round = 0; round < options.Rounds(30, 5); round++)
        {
            open.Add(await TakeAsync(bed, watch, "open", cancel));
            close.Add(await TakeAsync(bed, watch, "close", cancel));
        }

        var section = new Section(Id, Title)
        {
            Text = """
                The agent and the server of the middle size above. One event adds a policy that opens a port of local pods to every pod of
                the cluster; another removes it. Commits are counted until nf_tables has been quiet for 0.3 s. A new set is filled in a
                preparation, which nothing references, and a switch then puts it into force ([nftables.md](../design/nftables.md)): so an
                added policy is two commits, of which one changes dispatch. *Switched* is the time from before the server gets the event
                to the message that the last commit is done.
                """,
        };
        var table = new Table([
            "event",
            "commits",
            "of them change dispatch",
            "elements",
            "first commit, p50",
            "switched, p50",
            "p99",
        ]);
        foreach (
            var (id, name, bursts, most) in new[]
            {
                ("open", "policy added", open, 2),
                ("close", "policy removed", close, 1),
            }
        )
        {
            Samples Of(Func<Burst, double> value) => new(bursts.Select(value));
            var (commits, last) = (Of(static burst => burst.Commits), Of(static burst => burst.Last));
            table.Add(
                name,
                Range(commits),
                Range(Of(static burst => burst.Switches)),
                Text.Count(Of(static burst => burst.Elements).Median),
                $"{Of(static burst => burst.First).Median:0.0} ms",
                $"{last.Median:0.0} ms",
                $"{last.Quantile(0.99):0.0} ms"
            );
            section.Figures.Add(
                new Figure(
                    $"{id}/commits",
                    $"{name}, for 10,000 pods: maximum of commits",
                    commits.Quantile(1),
                    commits.Quantile(0),
                    commits.Quantile(1),
                    "commits",
                    Aim.Most(most)
                )
            );
            section.Figures.Add(
                Figure.Of($"{id}/switched", $"{name}, for 10,000 pods: event to kernel, ms", last, "ms")
            );
        }

        section.Tables.Add(table);
        return section;
    }

    private static async Task<Burst> TakeAsync(AgentBed bed, KernelWatch watch, string word, CancellationToken cancel)
    {
        var before = watch.Count;
        var at = await bed.Server.TellAtAsync(word, cancel);
        var commits = await watch.QuietAfterAsync(before, s_quiet, s_patience, cancel);
        double Since(long time) => TimeProvider.System.GetElapsedTime(at, time).TotalMilliseconds;
        return new Burst(
            commits.Count,
            commits.Count(static commit => commit.Leading > 0),
            commits.Sum(static commit => commit.Elements),
            Since(commits[0].At),
            Since(commits[^1].At)
        );
    }

    private static string Range(Samples samples) =>
        samples.Quantile(0) == samples.Quantile(1)
            ? $"{samples.Median:0}"
            : $"{samples.Quantile(0):0} – {samples.Quantile(1):0}";

    /// <param name="Commits">Of the kernel.</param>
    /// <param name="Switches">Those that changed what packets come to.</param>
    /// <param name="Elements">Of all commits.</param>
    /// <param name="First">Milliseconds to the first.</param>
    /// <param name="Last">Milliseconds to the last.</param>
    private sealed record Burst(int Commits, int Switches, int Elements, double First, double Last);
}
