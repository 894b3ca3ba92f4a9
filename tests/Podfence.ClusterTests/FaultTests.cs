using System.Diagnostics;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.ClusterTests;

/// <summary>
/// What goes wrong between an agent and its cluster: the fence never opens meanwhile, nothing that is allowed is lost,
/// and soon after the end of the fault the kernel equals what the server says again.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class FaultTests(FaultTests.City city) : IClassFixture<FaultTests.City>
{
    // To a pod of each node, and so past a dataplane of each kind: db is on n1, web on n2, api on n3.
    private static readonly (string From, string To)[] s_denied =
    [
        ("s1/web-0", "s1/db-0"),
        ("s1/web-1", "s1/web-0"),
        ("s1/api-1", "s1/api-0"),
    ];
    private static readonly (string From, string To)[] s_allowed =
    [
        ("s1/api-0", "s1/db-0"),
        ("s1/api-0", "s1/web-0"),
        ("s1/web-0", "s1/api-0"),
    ];

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_KilledAndRestarted_AgentsContinue()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        await cluster.ControlPlane.StopApiServerAsync();
        await RestAsync(3);
        await cluster.ControlPlane.StartApiServerAsync(Cancel);
        await ChangeAsync(cluster, 1);
        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Server_StartedWithCompactedHistory_AgentsListAgain()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);

        // Agents hear nothing while policies come and go, and what they would ask for next is compacted away.
        city.Way.Close();
        await ChangeAsync(cluster, 2);
        await ChangeAsync(cluster, 3);
        await EtcdStore.CompactAsync(cluster.ControlPlane, Cancel);
        await cluster.ControlPlane.StopApiServerAsync();
        await cluster.ControlPlane.StartApiServerAsync(Cancel);
        city.Way.Heal();
        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Etcd_RestoredToAnOlderState_AgentsFollow()
    {
        var cluster = city.Require();
        await ChangeAsync(cluster, 4);
        await cluster.Lab.WaitFencedAsync(Cancel);
        await using var sentinel = Watch(cluster);
        var control = cluster.ControlPlane;
        var backup = Directory.CreateTempSubdirectory("podfence-etcd-").FullName;
        try
        {
            await StopAsync(control);
            EtcdStore.Copy(control.Data, backup);
            await StartAsync(control);
            await ChangeAsync(cluster, 5);
            await cluster.UntilAsync("s2/web-0", "s2/db-1", 8080, passes: false);

            await StopAsync(control);
            Directory.Delete(control.Data, recursive: true);
            EtcdStore.Copy(backup, control.Data);
            await StartAsync(control);

            // Agents ask again after ten seconds at most, and see that the server is behind them. Nobody writes before:
            // a store that is restored and comes past what they know while they are away for less than half a minute
            // looks like one that only went on (docs/design/kubernetes.md).
            await RestAsync(12);
            await RecoversAsync(cluster, sentinel);
        }
        finally
        {
            Directory.Delete(backup, recursive: true);
        }
    }

    [Fact]
    public async Task Connections_HalfOpen_AgentsReconnect()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        city.Way.FallSilent();
        await ChangeAsync(cluster, 6);
        await RestAsync(3);
        city.Way.Heal();
        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Connections_BrokenWithinObjects_NothingIsLostOrTakenInPart()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        foreach (var bytes in new[] { 3_000, 6_001, 9_500, 20_003 })
        {
            city.Way.CutAfter(bytes);
            city.Way.CutAll();
            await ChangeAsync(cluster, bytes);
            await RestAsync(1);
        }

        city.Way.Heal();
        city.Way.CutAll();
        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Connections_Slow_ChangesArriveLateAndComplete()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        city.Way.SlowDown(TimeSpan.FromMilliseconds(400));
        await ChangeAsync(cluster, 7);
        await RecoversAsync(cluster, sentinel);
        city.Way.Heal();
    }

    [Fact]
    public async Task Rules_FlushedByAnotherProgram_AreRestored()
    {
        var cluster = city.Require();
        foreach (
            var (node, command) in new[]
            {
                ("n1", "nft flush ruleset"),
                ("n2", "nft flush ruleset"),
                ("n3", "iptables-legacy -F"),
                ("n3", "ip6tables-legacy -F"),
            }
        )
        {
            var words = command.Split(' ');
            using var process = cluster
                .Lab.Network.Node(node)
                .Start(new ProcessStartInfo(Containerd.Find(words[0]), words[1..]) { UseShellExecute = false });
            await process.WaitForExitAsync(Cancel);
            Assert.Equal(0, process.ExitCode);
        }

        foreach (var (from, to) in s_denied)
        {
            await cluster.UntilAsync(from, to, 8080, passes: false);
        }

        await using var sentinel = Watch(cluster);
        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Agents_KilledManyTimesUnderChange_TheFenceStands()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        var most = Repetitions.Of(full: 100, otherwise: 30);
        var kills = 0;
        for (var round = 0; kills < most; round++)
        {
            var changing = ChangeAsync(cluster, round);
            foreach (var agent in cluster.Lab.Fences)
            {
                if (agent.ProcessId is { } id)
                {
                    using var process = Process.GetProcessById(id);
                    process.Kill();
                    kills++;
                }
            }

            await changing;

            // Sometimes before it has listed, sometimes in the middle of its first writing, sometimes long after.
            await Task.Delay(TimeSpan.FromMilliseconds(200 + (round * 97 % 900)), TimeProvider.System, Cancel);
        }

        await RecoversAsync(cluster, sentinel);
    }

    [Fact]
    public async Task Agents_WithATwentiethOfACpu_ReachTheSameRules()
    {
        var cluster = city.Require();
        await using var sentinel = Watch(cluster);
        using (var slow = new Throttle(cluster.Lab.Fences.Select(static fence => fence.ProcessId!.Value)))
        {
            await ChangeAsync(cluster, 8);
            await ChangeAsync(cluster, 9);
            await RestAsync(3);
        }

        await RecoversAsync(cluster, sentinel);
    }

    private static Sentinel Watch(LiveCluster cluster) => new(cluster, s_denied, s_allowed);

    /// <summary>
    /// Changes what is selected in the second namespace, and a policy of the first that neither watched flow depends
    /// on.
    /// </summary>
    private static async Task ChangeAsync(LiveCluster cluster, int number)
    {
        var role = number % 2 == 0 ? "web" : "db";
        await cluster.KubectlAsync(
            $$$"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p{{{number % 3}}}, namespace: s2}
            spec: {podSelector: {matchLabels: {role: {{{role}}}}}, policyTypes: [Ingress]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: egress, namespace: s1}
            spec:
              podSelector: {matchLabels: {role: db}}
              policyTypes: [Egress]
              egress: [{ports: [{port: {{{1000 + number}}}}]}]
            """,
            "apply",
            "-f",
            "-"
        );
    }

    private static Task RestAsync(int seconds) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, Cancel);

    private static async Task RecoversAsync(LiveCluster cluster, Sentinel sentinel)
    {
        // Soon, not at once: a look for drift comes every half second, and agents that were cut off try again after
        // seconds.
        var began = TimeProvider.System.GetTimestamp();
        var (differences, flows) = await cluster.CompareAsync();
        while (differences.Count > 0 && TimeProvider.System.GetElapsedTime(began) < s_soon)
        {
            (differences, flows) = await cluster.CompareAsync();
        }

        await sentinel.EndAsync();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
        Assert.True(flows > 200, $"only {flows} flows");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{sentinel.Tries} tries while it went wrong, {flows} flows after it"
        );
    }

    private static async Task StopAsync(ControlPlane control)
    {
        await control.StopApiServerAsync();
        await control.StopEtcdAsync();
    }

    private static async Task StartAsync(ControlPlane control)
    {
        await control.StartEtcdAsync(Cancel);
        await control.StartApiServerAsync(Cancel);
    }

    /// <summary>One cluster for all of these tests. Agents reach their server through a way that can fail.</summary>
    public sealed class City : IAsyncLifetime
    {
        // On the two nodes where the town's own guard has nothing to do.
        private const string MoreGuards = """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: guard-web, namespace: s1}
            spec:
              podSelector: {matchLabels: {role: web}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {role: api}}}]}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: guard-api, namespace: s1}
            spec:
              podSelector: {matchLabels: {role: api}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {role: web}}}]}]

            """;

        private LiveCluster? _cluster;

        internal FaultyWay Way { get; } = new();

        public async ValueTask InitializeAsync()
        {
            if (Environment.IsPrivilegedProcess && ControlPlane.FindPrograms() is not null)
            {
                _cluster = await LiveCluster.StartAsync(
                    LiveCluster.Read(Town.Yaml(namespaces: 2) + Town.Guard + MoreGuards),
                    way: Way.To
                );
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }

            await Way.DisposeAsync();
        }

        internal LiveCluster Require()
        {
            LiveCluster.Require();
            return _cluster!;
        }
    }
}
