using Podfence.Compilation;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>Throughput of one connection that has been admitted.</summary>
internal static class BulkSection
{
    public const string Id = "bulk";

    public static async Task<Section> RunAsync(BenchOptions options, CancellationToken cancel)
    {
        var shape = new ClusterShape(100_000, 250, 250);
        var ruleset = new NodeCompiler(shape.ToState(), ClusterShape.Node).Snapshot();
        var section = new Section(Id, "Bulk throughput")
        {
            Text = """
                One TCP connection over IPv4 through the same node, kept full, while the table is exchanged between rounds. The first row
                is how Linux moves data between namespaces, in segments of up to 64 kB. In the second, segmentation offload is off and
                every packet of 1,500 bytes passes the fence by itself: the highest cost per byte.
                """,
        };
        var table = new Table([
            "packets",
            "no fence, Gbit/s",
            "fenced, Gbit/s",
            "ratio by the clock",
            "ratio by processor time",
        ]);
        using var bed = await Testbed.CreateAsync(cancel);
        var index = shape.LocalIndexes().First();
        var call = new Call(
            shape.CallerOf(index).AddressOf(IpFamily.IPv4)!.Value,
            shape.PodOf(index).AddressOf(IpFamily.IPv4)!.Value,
            ClusterShape.Port
        );
        foreach (
            var (id, name, links, window, bytes) in new[]
            {
                ("large", "up to 64 kB", "gso_max_segs 65535", 4 << 20, 1_000_000_000L),
                ("small", "1,500 bytes", "gso_max_segs 1", 256 << 10, 100_000_000L),
            }
        )
        {
            await bed.SetLinksAsync(links, cancel);
            bed.LoadBaseline();
            using var stream = new BulkStream(bed, call, window);
            stream.Run(bytes);
            Samples idle = new(),
                fenced = new(),
                wall = new(),
                cpu = new();
            for (var round = 0; round < options.Rounds(40, 10); round++)
            {
                var turns = new (double Wall, double Cpu)[2];
                for (var i = 0; i < 2; i++)
                {
                    var way = (round + i) % 2;
                    if (way == 0)
                    {
                        bed.LoadBaseline();
                    }
                    else
                    {
                        bed.Load(ruleset);
                    }

                    turns[way] = stream.Run(bytes);
                }

                idle.Add(turns[0].Wall);
                fenced.Add(turns[1].Wall);
                wall.Add(turns[1].Wall / turns[0].Wall);
                cpu.Add(turns[1].Cpu / turns[0].Cpu);
            }

            var aim = Aim.Least(0.97);
            section.Figures.Add(
                Figure.Of($"{id}/wall", $"bulk throughput, packets of {name}, by the clock", wall, "", aim)
            );
            section.Figures.Add(
                Figure.Of($"{id}/cpu", $"bulk throughput, packets of {name}, by processor time", cpu, "", aim)
            );
            section.Figures.Add(
                Figure.Of($"{id}/baseline", $"bulk throughput without a fence, packets of {name}", idle, "Gbit/s")
            );
            table.Add(name, $"{idle.Median:0.0}", $"{fenced.Median:0.0}", Text.Ratio(wall), Text.Ratio(cpu));
        }

        section.Tables.Add(table);
        return section;
    }
}
