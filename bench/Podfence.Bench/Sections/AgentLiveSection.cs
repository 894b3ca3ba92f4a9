namespace Podfence.Bench;

/// <summary>From the request for a policy to changed packets, with a real API server.</summary>
internal static class AgentLiveSection
{
    public const string Id = "agent/live";
    private const string Title = "From the request for a policy to changed packets";
    private static readonly (int Others, string Peer)[] s_points = [(0, "80 ms"), (500, "1.8 s"), (1_000, "3.3 s")];

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        if (LiveLab.Missing is { } why)
        {
            return Section.NotMeasured(Id, Title, why);
        }

        var section = new Section(Id, Title)
        {
            Text = """
                A real API server (etcd and kube-apiserver), two nodes of network namespaces with an agent each, ten pods. A pod of one node
                calls a pod of the other over new connections, some thousand times a second. Then one HTTP request creates a policy that
                isolates the called pod. *Packets* is the time from before the request until the fence resets the first connection;
                *response* is when the API server has replied, which is its own part of the time. Then the policy is deleted, until the
                first connection is accepted again. The other policies select pods of the same nodes, all different.

                *kube-router* is kube-router 2.11 with iptables on a real two-node cluster, from the request to denied or allowed packets,
                p50. It used 3.6 s of processor time per change and 106 MiB with 1,000 policies. That is another machine: compare the
                growth.
                """,
        };
        var table = new Table([
            "other policies",
            "kube-router 2.11, p50",
            "policy created: packets, p50",
            "p99",
            "response, p50",
            "policy deleted: packets, p50",
            "p99",
            "response, p50",
            "processor time per change",
            "resident",
        ]);
        await using var lab = await LiveLab.StartAsync(cancel);
        foreach (var (others, peer) in s_points)
        {
            await lab.FillAsync(others, cancel);
            for (var i = 0; i < 5; i++)
            {
                await lab.ChangeAsync(cancel);
            }

            var cpu = lab.CpuSeconds;
            var (made, removed) = (new List<LiveChange>(), new List<LiveChange>());
            for (var round = 0; round < options.Rounds(200, 30); round++)
            {
                var (there, back) = await lab.ChangeAsync(cancel);
                made.Add(there);
                removed.Add(back);
            }

            cpu = (lab.CpuSeconds - cpu) / (made.Count + removed.Count);
            var (madeAt, removedAt) = (Packets(made), Packets(removed));
            table.Add(
                Text.Count(others),
                peer,
                $"**{madeAt.Median:0.0} ms**",
                $"{madeAt.Quantile(0.99):0.0} ms",
                $"{Answered(made):0.0} ms",
                $"**{removedAt.Median:0.0} ms**",
                $"{removedAt.Quantile(0.99):0.0} ms",
                $"{Answered(removed):0.0} ms",
                $"{cpu * 1e3:0.0} ms",
                $"{lab.Resident:0.0} MiB"
            );
            section.Figures.Add(
                Figure.Of(
                    $"{others}/made",
                    $"request for a policy to changed packets, {Text.Count(others)} others, ms",
                    madeAt,
                    "ms",
                    Aim.Most(15)
                )
            );
            section.Figures.Add(Tail($"{others}/made-p99", $"the same, p99, ms", madeAt));
            section.Figures.Add(
                Figure.Of(
                    $"{others}/deleted",
                    $"deletion of a policy to changed packets, {Text.Count(others)} others, ms",
                    removedAt,
                    "ms",
                    Aim.Most(15)
                )
            );
            section.Figures.Add(Tail($"{others}/deleted-p99", $"the same, p99, ms", removedAt));
        }

        section.Tables.Add(table);
        return section;
    }

    private static Samples Packets(List<LiveChange> changes) => new(changes.Select(static change => change.Packets));

    private static double Answered(List<LiveChange> changes) =>
        new Samples(changes.Select(static change => change.Answered)).Median;

    /// <summary>One value: it has no middle half.</summary>
    private static Figure Tail(string id, string name, Samples samples)
    {
        var p99 = samples.Quantile(0.99);
        return new Figure(id, name, p99, p99, p99, "ms");
    }
}
