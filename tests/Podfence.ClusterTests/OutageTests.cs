using Podfence.TestKit;

namespace Podfence.ClusterTests;

/// <summary>An API server that is away for longer than agents wait between two tries.</summary>
[Collection(BusyMachine.Name)]
public sealed class OutageTests
{
    // Longer than the thirty seconds after which an agent lists instead of going on with its watches.
    private static readonly TimeSpan s_outage = TimeSpan.FromSeconds(Repetitions.Of(full: 120, otherwise: 35));

    [Fact]
    public async Task Server_AwayForLong_TheFenceStandsAndAgentsComeBack()
    {
        LiveCluster.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var cluster = await LiveCluster.StartAsync(LiveCluster.Read(Town.Yaml(namespaces: 1) + Town.Guard));
        await using var sentinel = new Sentinel(cluster, "s1/web-0", "s1/api-0", "s1/db-0");
        await cluster.ControlPlane.StopApiServerAsync();
        await Task.Delay(s_outage, TimeProvider.System, cancel);
        await cluster.ControlPlane.StartApiServerAsync(cancel);

        await cluster.KubectlAsync(Town.Web(open: false), "apply", "-f", "-");
        var began = TimeProvider.System.GetTimestamp();
        await cluster.UntilAsync("s1/api-1", "s1/web-1", 8080, passes: false);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"heard again after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s; {sentinel.Tries} "
                + $"tries meanwhile"
        );
        var (differences, _) = await cluster.CompareAsync();
        await sentinel.EndAsync();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
    }
}
