using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>What goes wrong between agent and API server. In the end the told state is the server's, and nothing was removed on the way that the server did not remove.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Cut_WatchesMidObject_LosesNothing(StreamedLists lists)
    {
        await using var rig = await FilledAsync(lists);

        for (var round = 0; round < 10; round++)
        {
            rig.Server.Faults.CutEvents = 1;
            rig.Server.Put(Sample.Pod($"cut-{round}", address: 500 + round));
            rig.Server.Remove(Sample.PodNamed($"web-{round}"));
            await rig.SettleAsync();
        }

        Assert.Equal(4, rig.Hearer.Lists.Count);
        Assert.NotEmpty(rig.Hearer.Interruptions);
        rig.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Cut_ListsMidObject_BeginAgain(StreamedLists lists)
    {
        await using var rig = await Rig.StartAsync(lists, server =>
        {
            Sample.Fill(server, 1200);
            (server.Faults.CutPages, server.Faults.CutEvents) = (3, 3);
        });

        await rig.SettleAsync();

        Assert.All(rig.Hearer.Interruptions, static item => Assert.True(item.What.Failure.Reason is KubeError.ConnectionLost or KubeError.Refused, item.What.Failure.Message));
        Assert.Equal(3, rig.Hearer.Interruptions.Count(static item => item.What.Failure.Reason == KubeError.ConnectionLost));
        rig.CheckRemovals();
    }

    [Fact]
    public async Task Gone_WhilePaging_ListsAtOnceInOnePage()
    {
        await using var rig = await Rig.StartAsync(StreamedLists.Refused, server =>
        {
            Sample.Fill(server, 1200);
            server.Faults.ForgottenPages = 1;
        });

        await rig.SettleAsync();

        Assert.Contains("/api/v1/pods?limit=0", rig.Server.Requests);
        Assert.Contains(rig.Hearer.Interruptions, static item => item.What is { Failure.Reason: KubeError.Gone, IsList: true, RetryAfter.Ticks: 0 });
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Gone_WhenTheWatchGoesOn_ListsAndRemovesWhatIsGone(StreamedLists lists)
    {
        await using var rig = await FilledAsync(lists);
        for (var round = 0; round < 4; round++)
        {
            // Nobody hears of what happens between the cut and the compaction.
            rig.Server.Faults.DenyAction = 503;
            rig.Server.Cut();
            rig.Server.Remove(Sample.PodNamed($"web-{round}"));
            rig.Server.Put(Sample.Pod($"new-{round}", address: 700 + round));
            rig.Server.Compact();
            rig.Server.Faults.DenyAction = 0;
            await rig.SettleAsync();
        }

        Assert.Contains(rig.Hearer.Interruptions, static item => item.What is { Failure.Reason: KubeError.Gone, Relists: true });
        rig.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Restore_OlderState_IsListedAndReplaces(StreamedLists lists)
    {
        await using var rig = await FilledAsync(lists);
        var before = rig.Server.Snapshot();
        rig.Server.Put(Sample.Pod("lost", address: 900));
        rig.Server.Remove(Sample.PodNamed("web-1"));
        rig.Server.Put(Sample.Policy("p1", "b"));
        await rig.SettleAsync();

        rig.Server.Restore(before);
        await rig.SettleAsync();

        Assert.Contains(rig.Hearer.Interruptions, static item => item.What is { Failure.Reason: KubeError.VersionTooLarge, Relists: true });
        rig.CheckRemovals();
    }

    [Fact]
    public async Task Restore_ToAStateThatHasOvertakenOurs_IsListedAfterTheOutage()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);
        var before = rig.Server.Snapshot();
        rig.Server.Put(Sample.Pod("lost", address: 900));
        await rig.SettleAsync();

        // Down for long enough, restored, and by the time it is back past the version that was heard last.
        rig.Server.Faults.DenyAction = 503;
        rig.Server.Restore(before);
        for (var i = 0; i < 10; i++)
        {
            rig.Server.Put(Sample.Pod($"other-{i}", address: 600 + i));
        }

        var until = rig.Time.GetUtcNow() + TimeSpan.FromSeconds(45);
        await rig.UntilAsync(() => rig.Time.GetUtcNow() > until, "the outage to last", TimeSpan.FromMilliseconds(200));
        rig.Server.Faults.DenyAction = 0;
        await rig.SettleAsync();

        rig.CheckRemovals();
    }

    [Fact]
    public async Task Silent_HalfOpenConnections_AreGivenUp()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);

        rig.Server.Faults.Silent = true;
        rig.Server.Put(Sample.Pod("unheard", address: 900));
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count(static item => item.What.Failure.Reason == KubeError.Timeout)) >= 4, "watches to be given up", TimeSpan.FromSeconds(1));
        rig.Server.Faults.Silent = false;
        rig.Server.Cut();
        await rig.SettleAsync(TimeSpan.FromMilliseconds(100));

        rig.CheckRemovals();
    }

    [Fact]
    public async Task Duplicates_AndReorderedEvents_DoNoHarm()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);
        (rig.Server.Faults.Duplicates, rig.Server.Faults.Reorders) = (true, true);

        for (var i = 0; i < 200; i++)
        {
            rig.Server.Put(Sample.Pod($"web-{i % 20}", $"l{i}", address: i % 20));
            if (i % 3 == 0)
            {
                rig.Server.Remove(Sample.PodNamed($"web-{(i + 7) % 20}"));
            }
        }

        await rig.SettleAsync();

        Assert.Empty(rig.Hearer.Interruptions);
        rig.CheckRemovals();
    }

    [Fact]
    public async Task Refusal_ForAWhile_IsWaitedOutEverLonger()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);

        rig.Server.Faults.DenyAction = 500;
        rig.Server.Cut();
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count) >= 4 * 9, "many failures", TimeSpan.FromMilliseconds(100));
        rig.Server.Faults.DenyAction = 0;
        rig.Server.Put(Sample.Pod("late", address: 900));
        await rig.SettleAsync(TimeSpan.FromMilliseconds(100));

        var waits = rig.Hearer.Interruptions.Where(static item => item.Kind == "Pod").Select(static item => item.What.RetryAfter).ToArray();
        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
        Assert.InRange(waits[8], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Refusal_AfterAHealthyTime_IsAFirstOneAgain()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);
        rig.Server.Faults.DenyAction = 500;
        rig.Server.Cut();
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count) >= 4 * 5, "failures", TimeSpan.FromMilliseconds(100));
        rig.Server.Faults.DenyAction = 0;
        await rig.SettleAsync(TimeSpan.FromMilliseconds(100));
        var healthy = rig.Time.GetUtcNow() + TimeSpan.FromSeconds(100);
        await rig.UntilAsync(() => rig.Time.GetUtcNow() > healthy, "a healthy time with a bookmark", TimeSpan.FromMilliseconds(500));
        var before = rig.Hearer.Look(static hearer => hearer.Interruptions.Count);

        rig.Server.Cut();
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count) >= before + 4, "new failures");

        Assert.All(rig.Hearer.Interruptions.Skip(before).Take(4), static item => Assert.True(item.What.RetryAfter <= TimeSpan.FromMilliseconds(250), item.What.RetryAfter.ToString()));
    }

    [Fact]
    public async Task TooManyRequests_SaysWhen_IsObeyed()
    {
        await using var rig = await Rig.StartAsync(prepare: server =>
        {
            Sample.Fill(server, 3);
            (server.Faults.DenyAction, server.Faults.RetryAfter) = (429, 17);
        });
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count) >= 4, "the refusals");
        (rig.Server.Faults.DenyAction, rig.Server.Faults.RetryAfter) = (0, 0);

        await rig.SettleAsync(TimeSpan.FromMilliseconds(200));

        Assert.All(rig.Hearer.Interruptions, static item => Assert.Equal((KubeError.TooManyRequests, TimeSpan.FromSeconds(17)), (item.What.Failure.Reason, item.What.RetryAfter)));
    }

    [Fact]
    public async Task Unreadable_Policy_IsReportedAndToldAsFarAsItCanBeRead()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);

        rig.Server.Put(
            new ObjectReference("NetworkPolicy", "default", "odd"),
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"odd","namespace":"default"},"spec":{"podSelector":{"matchLabels":7}}}""");
        await rig.SettleAsync();

        Assert.True(rig.Hearer.State.FindPolicy(new PolicyKey("default", "odd"))!.PodSelector.Unreadable);
        var report = Assert.Single(rig.Hearer.Unreadables);
        Assert.True(report is { IsTold: true, Reference.Name: "odd", Diagnostics.Count: > 0 });
        Assert.Empty(rig.Hearer.Interruptions);
    }

    [Fact]
    public async Task Unreadable_EventThatIsNoJson_IsReportedAndListedSoonAfter()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);
        var reference = Sample.PodNamed("broken");

        rig.Server.Put(reference, """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"broken","namespace":"default"},"spec":}""");
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Unreadables.Count) > 0, "the report");
        rig.Server.Put(Sample.Pod("after", address: 800));
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.State.FindPod(new PodKey("default", "after"))) is not null, "the stream to go on");
        rig.Server.Put(Sample.Pod("broken", address: 801));
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Lists.Count) > 4, "a new list", TimeSpan.FromMilliseconds(200));
        await rig.SettleAsync();

        rig.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Unreadable_ObjectOfAListThatIsNoJson_KeepsTheListFromEnding(StreamedLists lists)
    {
        await using var rig = await FilledAsync(lists);
        rig.Server.Put(Sample.PodNamed("web-1"), """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"default"},"spec":}""");
        rig.Server.Compact();
        rig.Server.Cut();
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.Interruptions.Count(static item => item.What.Failure.Reason == KubeError.BadAnswer)) >= 3, "lists to fail");

        Assert.NotNull(rig.Hearer.Look(static hearer => hearer.State.FindPod(new PodKey("default", "web-1"))));
        rig.Server.Put(Sample.Pod("web-1", "mended"));
        await rig.SettleAsync(TimeSpan.FromMilliseconds(100));
        rig.CheckRemovals();
    }

    [Fact]
    public async Task Oversized_Policy_IsolatesItsNamespace()
    {
        var options = new ReflectorOptions { MaxObject = 200_000 };
        await using var rig = await Rig.StartAsync(prepare: server => Sample.Fill(server, 3), options: options);
        await rig.SettleAsync();

        var much = new string('x', 300_000);
        rig.Server.Put(
            new ObjectReference("NetworkPolicy", "default", "huge"),
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"huge","namespace":"default","annotations":{"x":"MUCH"}},"spec":{"podSelector":{}}}""".Replace("MUCH", much, StringComparison.Ordinal));
        rig.Server.Put(Sample.Pod("after", address: 800));
        await rig.UntilAsync(() => rig.Hearer.Look(static hearer => hearer.State.FindPolicy(new PolicyKey("default", "huge"))) is not null, "the policy");

        Assert.True(rig.Hearer.State.FindPolicy(new PolicyKey("default", "huge"))! is { PodSelector.Unreadable: true, IsolatesEgress: true, IsolatesIngress: true });
        Assert.False(Assert.Single(rig.Hearer.Unreadables).Diagnostics[0].IsError);
    }

    [Fact]
    public async Task Tell_FullQueue_IsNotTakenForSilence()
    {
        await using var rig = await FilledAsync(StreamedLists.Served);
        var open = new TaskCompletionSource();
        rig.Hearer.Gate = _ => open.Task;

        rig.Server.Put(Sample.Pod("waits", address: 900));
        var until = rig.Time.GetUtcNow() + TimeSpan.FromSeconds(140);
        await rig.UntilAsync(() => rig.Time.GetUtcNow() > until, "a long wait", TimeSpan.FromSeconds(1));
        open.SetResult();
        await rig.SettleAsync();

        Assert.DoesNotContain(rig.Hearer.Interruptions, static item => item.Kind == "Pod");
    }

    private static async Task<Rig> FilledAsync(StreamedLists lists)
    {
        var rig = await Rig.StartAsync(lists, server => Sample.Fill(server, 20));
        await rig.SettleAsync();
        rig.Hearer.Interruptions.Clear();
        return rig;
    }
}
