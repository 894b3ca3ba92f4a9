using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>The dataplanes side by side, and beside the design of the article that Podfence started from.</summary>
internal static class DataplanesSection
{
    public const string Id = "dataplanes";
    private const string Title = "nftables, iptables, and one rule per pair";
    private const string PictureName = "dataplanes.svg";
    private const int SomePods = 100;
    private const int SomePolicies = 1_000;
    private static readonly int[] s_policies = [1, 10, 100, 1_000, 10_000];
    private static readonly int[] s_pods = [10, 50, 100, 250];
    private static readonly string[] s_ids = ["nftables", "iptables-nft", "iptables-legacy", "article"];

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        if (
            !new ToolRunner(new CurrentNamespace()).Has("iptables-legacy-restore")
            || !new ToolRunner(new CurrentNamespace()).Has("ipset")
        )
        {
            return Section.NotMeasured(Id, Title, "needs iptables (both variants) and ipset");
        }

        var cases = s_policies
            .Select(static policies => new PolicyLoad(policies, SomePods))
            .Concat(s_pods.Select(static pods => new PolicyLoad(SomePolicies, pods)))
            .Distinct()
            .Where(load => options.Runs(Id, Part(load)))
            .ToList();
        var results = new Dictionary<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)>();
        foreach (var load in cases)
        {
            results[load] = await MeasureAsync(load, options, cancel);
        }

        var section = new Section(Id, Title) { Text = DataplanesText.Of(results) };
        foreach (var (load, (bare, sides)) in results)
        {
            section.Figures.Add(
                Figure.Of(
                    $"{Part(load)}/bare",
                    $"connections per second of processor time without rules, {Name(load)}",
                    bare.CpuRate,
                    "1/s"
                )
            );
            for (var i = 0; i < sides.Count; i++)
            {
                var (id, name) = ($"{Part(load)}/{s_ids[i]}", $"{sides[i].Name}, {Name(load)}");
                section.Figures.Add(Figure.Of($"{id}/connections", $"connections, {name}", sides[i].Rate, "1/s"));
                section.Figures.Add(
                    Figure.Of(
                        $"{id}/cpu",
                        $"connections against none, by processor time, {name}",
                        sides[i].CpuRatio,
                        ""
                    )
                );
                section.Figures.Add(Figure.Of($"{id}/peer", $"a peer added or removed, {name}", sides[i].Peer, "s"));
                section.Figures.Add(
                    Figure.Of($"{id}/policy", $"a policy added or removed, {name}", sides[i].Policy, "s")
                );
                section.Figures.Add(Figure.Of($"{id}/load", $"load from scratch, {name}", sides[i].Load, "s"));
            }
        }

        DataplanesText.AddTables(section, results);
        if (
            results.Keys.Count(static load => load.Pods == SomePods) > 1
            && results.Keys.Count(static load => load.Policies == SomePolicies) > 1
        )
        {
            section.Pictures.Add(
                new Picture(
                    PictureName,
                    "Connections per second and times of changes, by policies and by pods, in four variants",
                    Draw(results)
                )
            );
        }

        return section;
    }

    private static async Task<(SideResult Bare, IReadOnlyList<SideResult> Sides)> MeasureAsync(
        PolicyLoad load,
        BenchOptions options,
        CancellationToken cancel
    )
    {
        using var bed = await Testbed.CreateAsync(cancel);
        var place = new NodePlace(bed.Node);
        // Every node tracks connections, whichever dataplane is measured: so they are tracked here too.
        var tracking = new ToolRunner(place).Run(
            "nft",
            ["-f", "-"],
            "table inet tracking { chain forwarded { type filter hook forward priority 300; ct state established "
                + "accept; }\n }\n"
        );
        if (tracking.ExitCode != 0)
        {
            throw new BenchException($"nft: {tracking.Errors}");
        }

        using var loop = new ConnectionLoop(bed, load.Calls(4_096));
        List<ISide> sides =
        [
            new PodfenceSide("nftables", DataplaneKind.Nftables, load, place),
            new PodfenceSide("iptables-nft", DataplaneKind.IptablesNft, load, place),
            new PodfenceSide("iptables-legacy", DataplaneKind.IptablesLegacy, load, place),
            new ArticleSide(load, place),
        ];
        var contest = new SideContest(loop, sides);
        contest.Run(options.Rounds(21, 5), connections: 2_000, cancel);
        sides.ForEach(static side => side.Dispose());
        return (contest.Bare, contest.Results);
    }

    private static string Draw(Dictionary<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)> results)
    {
        var panels = new List<ChartPanel>();
        foreach (
            var (title, log, value) in new (string, bool, Func<SideResult, double>)[]
            {
                ("New connections per second of processor time", false, static side => side.CpuRate.Median),
                ("Adding or removing a peer of many policies, ms", true, static side => side.Peer.Median * 1e3),
                ("Adding or removing a policy, ms", true, static side => side.Policy.Median * 1e3),
                ("Load from scratch, ms", true, static side => side.Load.Median * 1e3),
            }
        )
        {
            panels.Add(
                Panel(
                    title,
                    log,
                    value,
                    "policies of 100 pods",
                    logRight: true,
                    static load => load.Policies,
                    [.. results.Where(static result => result.Key.Pods == SomePods)]
                )
            );
            panels.Add(
                Panel(
                    title,
                    log,
                    value,
                    "pods on the node, with 1,000 policies",
                    logRight: false,
                    static load => load.Pods,
                    [.. results.Where(static result => result.Key.Policies == SomePolicies)]
                )
            );
        }

        var first = results.Values.First().Sides;
        return SvgChart.Draw(Title, [.. first.Select(static side => side.Name), "no rules"], panels, columns: 2);
    }

    private static ChartPanel Panel(
        string title,
        bool log,
        Func<SideResult, double> value,
        string below,
        bool logRight,
        Func<PolicyLoad, double> place,
        List<KeyValuePair<PolicyLoad, (SideResult Bare, IReadOnlyList<SideResult> Sides)>> results
    )
    {
        var sorted = results.OrderBy(result => place(result.Key)).ToList();
        List<ChartLine> lines =
        [
            .. Enumerable
                .Range(0, s_ids.Length)
                .Select(series => new ChartLine(
                    series,
                    [.. sorted.Select(result => (place(result.Key), value(result.Value.Sides[series])))]
                )),
        ];
        if (!log)
        {
            lines.Insert(
                0,
                new ChartLine(
                    s_ids.Length,
                    [.. sorted.Select(result => (place(result.Key), result.Value.Bare.CpuRate.Median))]
                )
            );
        }

        return new ChartPanel(title, below, [.. sorted.Select(result => place(result.Key))], lines)
        {
            LogUp = log,
            LogRight = logRight,
            Label = static number => number < 1 ? $"{number:0.###}" : $"{number:#,0}",
        };
    }

    private static string Part(PolicyLoad load) =>
        load.Pods == SomePods ? $"policies-{load.Policies}" : $"pods-{load.Pods}";

    private static string Name(PolicyLoad load) =>
        $"{Text.Count(load.Policies)} {(load.Policies == 1 ? "policy" : "policies")}, {load.Pods} pods";

    /// <summary>The node of the testbed, as the place of a dataplane.</summary>
    private sealed class NodePlace(NetworkNamespace node) : INetworkNamespace
    {
        public System.Diagnostics.Process Start(System.Diagnostics.ProcessStartInfo info) => node.Start(info);

        public T Run<T>(Func<T> work) => node.Run(work);
    }
}
