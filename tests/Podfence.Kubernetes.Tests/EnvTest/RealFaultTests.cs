using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>A real API server that is stopped, compacted and restored under a source; it is not shared.</summary>
public sealed class RealFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Source_ServerDownCompactedAndRestored_EndsWithTheServersState()
    {
        Assert.SkipUnless(EnvTestBinaries.SkipReason is null, EnvTestBinaries.SkipReason ?? "");
        await using var server = await EnvTest.StartAsync(Token);
        await using var live = new LiveSource(server.AdminKubeconfig);
        await RealSourceTests.PostPodAsync(server, "default", "first");
        await live.Source.Synced.WaitAsync(Token);
        await live.UntilAsync(() => live.HasPod("default", "first"), "the first pod");

        // Removed and compacted while nobody of ours can look: another source goes through the same server, so ours is
        // kept out by its being down.
        var saved = await server.SaveAsync(Token);
        await RealSourceTests.PostPodAsync(server, "default", "second");
        await live.UntilAsync(() => live.HasPod("default", "second"), "a pod after the restart");
        await server.CompactAsync(Token);
        await server.StopApiServerAsync();
        await server.StartApiServerAsync(Token);
        await server.SendAsync(
            HttpMethod.Delete,
            "/api/v1/namespaces/default/pods/first?gracePeriodSeconds=0",
            null,
            Token
        );
        await live.UntilAsync(
            () => !live.HasPod("default", "first"),
            "a removal after a restart with compacted history"
        );

        await server.RestoreAsync(saved, Token);

        await live.UntilAsync(
            () => live.HasPod("default", "first") && !live.HasPod("default", "second"),
            "the older state"
        );
        Assert.Contains(live.Listener.Read(static listener => listener.Failures.ToArray()), static item =>
            item.What.Relists
        );
    }

    [Fact]
    public async Task Source_EtcdDown_FollowsAgainWhenItIsBack()
    {
        Assert.SkipUnless(EnvTestBinaries.SkipReason is null, EnvTestBinaries.SkipReason ?? "");
        await using var server = await EnvTest.StartAsync(Token);
        await using var live = new LiveSource(server.AdminKubeconfig);
        await live.Source.Synced.WaitAsync(Token);

        await server.StopEtcdAsync();
        await server.StartEtcdAsync(Token);
        await RealSourceTests.PostPodAsync(server, "default", "after");

        await live.UntilAsync(() => live.HasPod("default", "after"), "a pod after the store was away");
    }
}
