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
    public async Task Synced_ServerOfEachAge_AllIsTold(StreamedLists lists)
    {
        await using var rig = await Rig.StartAsync(lists, server => Sample.Fill(server, pods: 1234));

        await rig.UntilAsync(() => rig.Source.Synced.IsCompleted, "the first lists", TimeSpan.FromMilliseconds(100));

        Assert.True(rig.Hearer.Holds(rig.Server.State()));
        Assert.Equal(1234, rig.Hearer.State.Pods.Count());
        Assert.All(rig.Hearer.Lists, report => Assert.Equal(lists == StreamedLists.Served, report.Streamed));
    }

    [Fact]
    public async Task Synced_PagesAskedFor_EachHasTheLimit()
    {
        await using var rig = await Rig.StartAsync(StreamedLists.Refused, server => Sample.Fill(server, pods: 1234));

        await rig.SettleAsync();

        Assert.Equal(3, rig.Server.Requests.Count(static request => request.StartsWith("/api/v1/pods?limit=500", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Watch_ChangesOfEveryKind_AreTold(StreamedLists lists)
    {
        await using var rig = await Rig.StartAsync(lists, server => Sample.Fill(server, pods: 3));
        await rig.SettleAsync();

        rig.Server.Put(Sample.Pod("web-0", "b"));
        rig.Server.Put(Sample.Pod("new"));
        rig.Server.Remove(Sample.PodNamed("web-1"));
        rig.Server.Put(Sample.Policy("p1", "b"));
        rig.Server.Remove(new ObjectReference("Node", null, "n2"));
        rig.Server.Put(Sample.Space("other"));
        await rig.SettleAsync();

        Assert.Equal(["new", "web-0", "web-2"], rig.Hearer.State.Pods.Select(static pod => pod.Key.Name).Order(StringComparer.Ordinal));
        rig.CheckRemovals();
    }

    [Fact]
    public async Task Watch_TimeIsOver_GoesOnFromTheLastVersionWithoutAList()
    {
        var options = new ReflectorOptions { WatchTime = TimeSpan.FromSeconds(10) };
        await using var rig = await Rig.StartAsync(prepare: server => Sample.Fill(server, pods: 3), options: options);
        await rig.SettleAsync();
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.WatchesEnded) >= 8, "watches to end twice", TimeSpan.FromMilliseconds(200));

        rig.Server.Put(Sample.Pod("late"));
        await rig.SettleAsync();

        Assert.Equal(4, rig.Hearer.Lists.Count);
        Assert.Empty(rig.Hearer.Interruptions);
    }

    [Fact]
    public async Task Watch_UnchangedNode_IsNotToldAgain()
    {
        await using var rig = await Rig.StartAsync(prepare: server => Sample.Fill(server, pods: 0));
        await rig.SettleAsync();
        var before = rig.Hearer.Look(static hearer => (hearer.Events.Count, hearer.Frames));

        rig.Server.Put(Sample.Node("n1"));
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Frames) > before.Frames, "the heartbeat to come");
        rig.Server.Put(Sample.Node("n3"));
        await rig.SettleAsync();

        var told = Assert.Single(rig.Hearer.Events.Skip(before.Count));
        Assert.Equal("n3", ((ObjectUpserted)told).Item.Node!.Name);
    }

    [Fact]
    public async Task Events_OfAWatch_BearTheTimeTheyCame()
    {
        await using var rig = await Rig.StartAsync(prepare: server => Sample.Fill(server, pods: 0));
        await rig.SettleAsync();
        var before = rig.Time.GetTimestamp();

        rig.Server.Put(Sample.Pod("web"));
        await rig.SettleAsync();

        Assert.InRange(rig.Hearer.Events[^1].ReceivedAt, before, rig.Time.GetTimestamp());
    }

    [Fact]
    public async Task RunAsync_TellingFails_EndsWithItsException()
    {
        await using var server = await ApiSimulator.StartAsync();
        using var client = new KubeClient(ClusterAccess.To(server.Address));
        var source = new ClusterSource(client, static (_, _) => throw new InvalidOperationException("the loop is gone"), new Hearer());

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => source.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal("the loop is gone", fault.Message);
        Assert.False(source.Synced.IsCompleted);
    }
}
