using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;
using static Podfence.Lab.Tests.Samples;

namespace Podfence.Lab.Tests;

public sealed class LabClusterTests
{
    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromSeconds(3) };

    [Fact]
    public async Task Apply_PodsComeChangeAndGo_OnlyTheirFlowsChange()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        await using var cluster = await LabCluster.StartAsync(
            Manifests(Pod("a/x"), Pod("a/y")),
            new LabClusterOptions { FenceCommand = _ => FakeFence.Willing },
            null,
            cancel
        );
        var before = cluster.Network.Pod(new PodKey("a", "x")).Inode;

        await cluster.ApplyAsync([ClusterObject.Of(Pod("a/z"))], cancel);
        Assert.True((await ProbeAsync(cluster, "a/x", "a/z")).IsAllowed);
        Assert.True((await ProbeAsync(cluster, "a/z", "a/y")).IsAllowed);

        // The same address in another pod: neighbours must not remember the old one.
        var address = cluster.Network.Plan.Pod("a/y").Object.Addresses[0].ToString();
        await cluster.DeleteAsync([new ObjectReference("Pod", "a", "y")], cancel);
        Assert.Equal(ProbeOutcome.Failed, (await ProbeAsync(cluster, "a/x", "a/y")).Outcome);
        await cluster.ApplyAsync(
            [ClusterObject.Of(Pod("a/heir", cluster.Network.Plan.Pod("a/x").Object.NodeName, null, address))],
            cancel
        );
        Assert.True((await ProbeAsync(cluster, "a/x", "a/heir")).IsAllowed);
        Assert.True((await ProbeAsync(cluster, "a/z", "a/heir")).IsAllowed);
        Assert.Equal(before, cluster.Network.Pod(new PodKey("a", "x")).Inode);

        var impossible = await Assert.ThrowsAsync<LabException>(() =>
            cluster.ApplyAsync([ClusterObject.Of(Pod("a/w", "n9"))], cancel)
        );
        Assert.Equal(LabError.Manifests, impossible.Error);
        Assert.True((await ProbeAsync(cluster, "a/x", "a/heir")).IsAllowed);
    }

    [Fact]
    public async Task Start_FenceThatDies_IsStartedAgainAndToldEverything()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        await using var cluster = await LabCluster.StartAsync(
            Manifests(Pod("a/x")),
            new LabClusterOptions { FenceCommand = _ => FakeFence.Mortal },
            null,
            cancel
        );

        await cluster.ApplyAsync([ClusterObject.Of(Pod("a/y"))], cancel);

        Assert.All(cluster.Fences, fence => Assert.True(fence.Restarts >= 1));
        Assert.True((await ProbeAsync(cluster, "a/x", "a/y")).IsAllowed);
    }

    [Fact]
    public async Task Start_FenceIsKilled_ItsSuccessorHearsAllObjects()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var file = Path.GetTempFileName();
        await using var cluster = await LabCluster.StartAsync(
            Manifests(Pod("a/x")),
            new LabClusterOptions { FenceCommand = _ => FakeFence.Recording(file) },
            null,
            cancel
        );
        await File.WriteAllTextAsync(file, "", cancel);
        using (var victim = System.Diagnostics.Process.GetProcessById(cluster.Fences[0].ProcessId!.Value))
        {
            victim.Kill();
        }

        while (
            cluster.Fences[0].Restarts == 0
            || !(await File.ReadAllTextAsync(file, cancel)).Contains("syncPoint", StringComparison.Ordinal)
        )
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }

        var heard = (await File.ReadAllLinesAsync(file, cancel)).Select(FenceMessage.Parse).ToList();
        Assert.Equal(
            (await cluster.ReadObjectsAsync(cancel)).Select(item => item.Reference).ToHashSet(),
            heard.OfType<FenceUpsert>().Select(upsert => upsert.Item.Reference).ToHashSet()
        );
        Assert.Equal(cluster.LastSyncPoint, Assert.IsType<FenceSyncPoint>(heard[^1]).Number);
        File.Delete(file);
    }

    [Fact]
    public async Task Start_FenceThatFails_SaysWhyAndLeavesNothing()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var options = new LabClusterOptions
        {
            FenceCommand = _ => FakeFence.Failing,
            FenceTimeout = TimeSpan.FromMilliseconds(300),
        };

        var fault = await Assert.ThrowsAsync<LabException>(() =>
            LabCluster.StartAsync(Manifests(Pod("a/x")), options, null, cancel)
        );

        Assert.Equal(LabError.Fence, fault.Error);
        Assert.Contains("node n1: no kernel", fault.Message, StringComparison.Ordinal);
    }

    private static ObjectSet Manifests(params Pod[] pods) =>
        new()
        {
            Objects = [.. pods.Select(ClusterObject.Of)],
            Diagnostics = [],
            IgnoredKinds = new Dictionary<string, int>(),
            ImpliedNamespaces = [],
        };

    private static Task<ProbeResult> ProbeAsync(LabCluster cluster, string from, string to) =>
        cluster.Prober.ProbeAsync(
            new LabFlow(LabEndpoint.Parse(from), LabEndpoint.Parse(to), Protocol.Tcp, 80, IpFamily.IPv4),
            s_probe,
            TestContext.Current.CancellationToken
        );
}
