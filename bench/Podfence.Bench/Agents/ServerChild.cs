using System.Globalization;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Bench;

/// <summary>
/// The simulated API server of a cluster, in a process of its own: started in the node's network namespace, told what
/// to do on its standard input, a line each. Times that it tells are those of the clock that all processes of a machine
/// share.
/// </summary>
internal static class ServerChild
{
    public const string Verb = "api-child";

    public static async Task RunAsync(AgentCluster cluster)
    {
        await using var server = await ApiSimulator.StartAsync(
            new ApiSimulatorOptions { BookmarkInterval = TimeSpan.FromMinutes(1) }
        );
        foreach (var item in cluster.Others())
        {
            server.Put(item);
        }

        foreach (var pod in cluster.AllPods())
        {
            server.Put(ClusterObject.Of(pod).Reference, PodText.Of(pod));
        }

        server.Compact();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Say($"ready {server.Address.Port} {PodText.Of(cluster.PodOf(0)).Length}");
        var storm = new Storm(server, cluster);
        while (Console.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["storm", var rate, var probes, var seconds]:
                    foreach (
                        var probe in await storm.RunAsync(
                            Number(rate),
                            Number(probes),
                            TimeSpan.FromSeconds(Number(seconds))
                        )
                    )
                    {
                        Say(probe.ToString());
                    }

                    Say($"sent {storm.Sent}");
                    break;
                case ["open"]:
                    Say($"at {TimeProvider.System.GetTimestamp()}");
                    server.Put(ClusterObject.Of(AgentCluster.Everybody()));
                    break;
                case ["close"]:
                    Say($"at {TimeProvider.System.GetTimestamp()}");
                    server.Remove(ClusterObject.Of(AgentCluster.Everybody()).Reference);
                    break;
                case ["forget"]:
                    server.Compact();
                    Say("forgotten");
                    break;
                default:
                    throw new BenchException($"{line}: not known");
            }
        }
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
