using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>A source beside a server that does as it should.</summary>
public sealed class ClusterSourceTests
{
    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    [InlineData(StreamedLists.Ignored)]
    public async Task Synced_ServerOfEachVersion_EverythingIsEmitted(StreamedLists lists)
    {
        await using var simulated = await SimulatedSource.StartAsync(lists, server => Sample.Fill(server, pods: 1234));

        await simulated.UntilAsync(
            () => simulated.Source.Synced.IsCompleted,
            "the first lists",
            TimeSpan.FromMilliseconds(100)
        );

        Assert.True(simulated.Listener.Holds(simulated.Server.State()));
        Assert.Equal(1234, simulated.Listener.State.Pods.Count());
        Assert.All(simulated.Listener.Lists, report => Assert.Equal(lists == StreamedLists.Served, report.Streamed));
    }

    [Fact]
    public async Task Synced_PagesRequested_EachHasTheLimit()
    {
        await using var simulated = await SimulatedSource.StartAsync(StreamedLists.Refused, server =>
            Sample.Fill(server, pods: 1234)
        );

        await simulated.SettleAsync();

        Assert.Equal(
            3,
            simulated.Server.Requests.Count(static request =>
                request.StartsWith("/api/v1/pods?limit=500", StringComparison.Ordinal)
            )
        );
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Watch_ChangesOfEveryKind_AreEmitted(StreamedLists lists)
    {
        await using var simulated = await SimulatedSource.StartAsync(lists, server => Sample.Fill(server, pods: 3));
        await simulated.SettleAsync();

        simulated.Server.Put(Sample.Pod("web-0", "b"));
        simulated.Server.Put(Sample.Pod("new"));
        simulated.Server.Remove(Sample.PodNamed("web-1"));
        simulated.Server.Put(Sample.Policy("p1", "b"));
        simulated.Server.Remove(new ObjectReference("Node", null, "n2"));
        simulated.Server.Put(Sample.Space("other"));
        await simulated.SettleAsync();

        Assert.Equal(
            ["new", "web-0", "web-2"],
            simulated.Listener.State.Pods.Select(static pod => pod.Key.Name).Order(StringComparer.Ordinal)
        );
        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Watch_TimeIsOver_ContinuesFromTheLastVersionWithoutAList()
    {
        var options = new ReflectorOptions { WatchTime = TimeSpan.FromSeconds(10) };
        await using var simulated = await SimulatedSource.StartAsync(
            prepare: server => Sample.Fill(server, pods: 3),
            options: options
        );
        await simulated.SettleAsync();
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.WatchesEnded) >= 8,
            "watches to end twice",
            TimeSpan.FromMilliseconds(200)
        );

        simulated.Server.Put(Sample.Pod("late"));
        await simulated.SettleAsync();

        Assert.Equal(4, simulated.Listener.Lists.Count);
        Assert.Empty(simulated.Listener.Failures);
    }

    [Fact]
    public async Task Watch_UnchangedNode_IsNotEmittedAgain()
    {
        await using var simulated = await SimulatedSource.StartAsync(prepare: server => Sample.Fill(server, pods: 0));
        await simulated.SettleAsync();
        var before = simulated.Listener.Read(static listener => (listener.Events.Count, listener.Frames));

        simulated.Server.Put(Sample.Node("n1"));
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Frames) > before.Frames,
            "the heartbeat to come"
        );
        simulated.Server.Put(Sample.Node("n3"));
        await simulated.SettleAsync();

        var told = Assert.Single(simulated.Listener.Events.Skip(before.Count));
        Assert.Equal("n3", ((ObjectUpserted)told).Item.Node!.Name);
    }

    [Fact]
    public async Task Events_OfAWatch_HaveTheTimeOfReceipt()
    {
        await using var simulated = await SimulatedSource.StartAsync(prepare: server => Sample.Fill(server, pods: 0));
        await simulated.SettleAsync();
        var before = simulated.Time.GetTimestamp();

        simulated.Server.Put(Sample.Pod("web"));
        await simulated.SettleAsync();

        Assert.InRange(simulated.Listener.Events[^1].ReceivedAt, before, simulated.Time.GetTimestamp());
    }

    [Fact]
    public async Task RunAsync_EmitFails_EndsWithItsException()
    {
        await using var server = await ApiSimulator.StartAsync();
        using var client = new KubeClient(ClusterAccess.To(server.Address));
        var source = new ClusterSource(
            client,
            static (_, _) => throw new InvalidOperationException("the loop is gone"),
            new RecordingListener()
        );

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            source.RunAsync(TestContext.Current.CancellationToken)
        );

        Assert.Equal("the loop is gone", fault.Message);
        Assert.False(source.Synced.IsCompleted);
    }
}
