using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>
/// What goes wrong between agent and API server. In the end the told state is the server's, and nothing was removed on
/// the way that the server did not remove.
/// </summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Watches_BrokenWithinAnObject_LoseNothing(StreamedLists lists)
    {
        await using var simulated = await FilledAsync(lists);

        for (var round = 0; round < 10; round++)
        {
            simulated.Server.Faults.CutEvents = 1;
            simulated.Server.Put(Sample.Pod($"cut-{round}", address: 500 + round));
            simulated.Server.Remove(Sample.PodNamed($"web-{round}"));
            await simulated.SettleAsync();
        }

        Assert.Equal(4, simulated.Listener.Lists.Count);
        Assert.NotEmpty(simulated.Listener.Failures);
        simulated.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Lists_BrokenWithinAnObject_AreRestarted(StreamedLists lists)
    {
        await using var simulated = await SimulatedSource.StartAsync(lists, server =>
        {
            Sample.Fill(server, 1200);
            (server.Faults.CutPages, server.Faults.CutEvents) = (3, 3);
        });

        await simulated.SettleAsync();

        Assert.All(simulated.Listener.Failures, static item =>
            Assert.True(
                item.What.Failure.Reason is KubeError.ConnectionLost or KubeError.Rejected,
                item.What.Failure.Message
            )
        );
        Assert.Equal(
            3,
            simulated.Listener.Failures.Count(static item => item.What.Failure.Reason == KubeError.ConnectionLost)
        );
        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Gone_WhilePaging_ListsAtOnceInOnePage()
    {
        await using var simulated = await SimulatedSource.StartAsync(StreamedLists.Refused, server =>
        {
            Sample.Fill(server, 1200);
            server.Faults.ForgottenPages = 1;
        });

        await simulated.SettleAsync();

        Assert.Contains("/api/v1/pods?limit=0", simulated.Server.Requests);
        Assert.Contains(simulated.Listener.Failures, static item =>
            item.What is { Failure.Reason: KubeError.Gone, IsList: true, RetryAfter.Ticks: 0 }
        );
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Gone_WhenTheWatchContinues_ListsAndRemovesDeletedObjects(StreamedLists lists)
    {
        await using var simulated = await FilledAsync(lists);
        for (var round = 0; round < 4; round++)
        {
            // Nobody hears of what happens between the cut and the compaction.
            simulated.Server.Faults.DenyAction = 503;
            simulated.Server.Cut();
            simulated.Server.Remove(Sample.PodNamed($"web-{round}"));
            simulated.Server.Put(Sample.Pod($"new-{round}", address: 700 + round));
            simulated.Server.Compact();
            simulated.Server.Faults.DenyAction = 0;
            await simulated.SettleAsync();
        }

        Assert.Contains(simulated.Listener.Failures, static item =>
            item.What is { Failure.Reason: KubeError.Gone, Relists: true }
        );
        simulated.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Restore_OlderState_IsListedAndReplaces(StreamedLists lists)
    {
        await using var simulated = await FilledAsync(lists);
        var before = simulated.Server.Snapshot();
        simulated.Server.Put(Sample.Pod("lost", address: 900));
        simulated.Server.Remove(Sample.PodNamed("web-1"));
        simulated.Server.Put(Sample.Policy("p1", "b"));
        await simulated.SettleAsync();

        simulated.Server.Restore(before);
        await simulated.SettleAsync();

        Assert.Contains(simulated.Listener.Failures, static item =>
            item.What is { Failure.Reason: KubeError.VersionTooLarge, Relists: true }
        );
        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Restore_ToANewerVersionThanKnown_IsListedAfterTheOutage()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);
        var before = simulated.Server.Snapshot();
        simulated.Server.Put(Sample.Pod("lost", address: 900));
        await simulated.SettleAsync();

        // Down for long enough, restored, and by the time it is back past the version that was decoded last.
        simulated.Server.Faults.DenyAction = 503;
        simulated.Server.Restore(before);
        for (var i = 0; i < 10; i++)
        {
            simulated.Server.Put(Sample.Pod($"other-{i}", address: 600 + i));
        }

        var until = simulated.Time.GetUtcNow() + TimeSpan.FromSeconds(45);
        await simulated.UntilAsync(
            () => simulated.Time.GetUtcNow() > until,
            "the outage to last",
            TimeSpan.FromMilliseconds(200)
        );
        simulated.Server.Faults.DenyAction = 0;
        await simulated.SettleAsync();

        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Silence_HalfOpenConnections_TimesOut()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);

        simulated.Server.Faults.Silent = true;
        simulated.Server.Put(Sample.Pod("unheard", address: 900));
        await simulated.UntilAsync(
            () =>
                simulated.Listener.Read(static listener =>
                    listener.Failures.Count(static item => item.What.Failure.Reason == KubeError.Timeout)
                ) >= 4,
            "watches to be given up",
            TimeSpan.FromSeconds(1)
        );
        simulated.Server.Faults.Silent = false;
        simulated.Server.Cut();
        await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));

        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Events_DuplicatedAndReordered_LeadToTheServersState()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);
        (simulated.Server.Faults.Duplicates, simulated.Server.Faults.Reorders) = (true, true);

        for (var i = 0; i < 200; i++)
        {
            simulated.Server.Put(Sample.Pod($"web-{i % 20}", $"l{i}", address: i % 20));
            if (i % 3 == 0)
            {
                simulated.Server.Remove(Sample.PodNamed($"web-{(i + 7) % 20}"));
            }
        }

        await simulated.SettleAsync();

        Assert.Empty(simulated.Listener.Failures);
        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Failure_Repeated_WaitsLongerEachTime()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);

        simulated.Server.Faults.DenyAction = 500;
        simulated.Server.Cut();
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Failures.Count) >= 4 * 9,
            "many failures",
            TimeSpan.FromMilliseconds(100)
        );
        simulated.Server.Faults.DenyAction = 0;
        simulated.Server.Put(Sample.Pod("late", address: 900));
        await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));

        var waits = simulated
            .Listener.Failures.Where(static item => item.Kind == "Pod")
            .Select(static item => item.What.RetryAfter)
            .ToArray();
        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
        Assert.InRange(waits[8], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Failure_AfterAHealthyTime_WaitsTheFirstWait()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);
        simulated.Server.Faults.DenyAction = 500;
        simulated.Server.Cut();
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Failures.Count) >= 4 * 5,
            "failures",
            TimeSpan.FromMilliseconds(100)
        );
        simulated.Server.Faults.DenyAction = 0;
        await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));
        var healthy = simulated.Time.GetUtcNow() + TimeSpan.FromSeconds(100);
        await simulated.UntilAsync(
            () => simulated.Time.GetUtcNow() > healthy,
            "a healthy time with a bookmark",
            TimeSpan.FromMilliseconds(500)
        );
        var before = simulated.Listener.Read(static listener => listener.Failures.Count);

        simulated.Server.Cut();
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Failures.Count) >= before + 4,
            "new failures"
        );

        Assert.All(simulated.Listener.Failures.Skip(before).Take(4), static item =>
            Assert.True(item.What.RetryAfter <= TimeSpan.FromMilliseconds(250), item.What.RetryAfter.ToString())
        );
    }

    [Fact]
    public async Task TooManyRequests_WithRetryAfter_IsObeyed()
    {
        await using var simulated = await SimulatedSource.StartAsync(prepare: server =>
        {
            Sample.Fill(server, 3);
            (server.Faults.DenyAction, server.Faults.RetryAfter) = (429, 17);
        });
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Failures.Count) >= 4,
            "the refusals"
        );
        (simulated.Server.Faults.DenyAction, simulated.Server.Faults.RetryAfter) = (0, 0);

        await simulated.SettleAsync(TimeSpan.FromMilliseconds(200));

        Assert.All(simulated.Listener.Failures, static item =>
            Assert.Equal(
                (KubeError.TooManyRequests, TimeSpan.FromSeconds(17)),
                (item.What.Failure.Reason, item.What.RetryAfter)
            )
        );
    }

    [Fact]
    public async Task Unreadable_Policy_IsReportedAndEmittedWithoutTheField()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);

        simulated.Server.Put(
            new ObjectReference("NetworkPolicy", "default", "odd"),
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"odd","namespace":"default"},"spec":{"podSelector":{"matchLabels":7}}}"""
        );
        await simulated.SettleAsync();

        Assert.True(simulated.Listener.State.FindPolicy(new PolicyKey("default", "odd"))!.PodSelector.Unreadable);
        var report = Assert.Single(simulated.Listener.Unreadables);
        Assert.True(report is { WasEmitted: true, Reference.Name: "odd", Diagnostics.Count: > 0 });
        Assert.Empty(simulated.Listener.Failures);
    }

    [Fact]
    public async Task Unreadable_EventThatIsNotJson_IsReportedAndListedSoonAfter()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);
        var reference = Sample.PodNamed("broken");

        simulated.Server.Put(
            reference,
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"broken","namespace":"default"},"spec":}"""
        );
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Unreadables.Count) > 0,
            "the report"
        );
        simulated.Server.Put(Sample.Pod("after", address: 800));
        await simulated.UntilAsync(
            () =>
                simulated.Listener.Read(static listener => listener.State.FindPod(new PodKey("default", "after")))
                    is not null,
            "the stream to go on"
        );
        simulated.Server.Put(Sample.Pod("broken", address: 801));
        await simulated.UntilAsync(
            () => simulated.Listener.Read(static listener => listener.Lists.Count) > 4,
            "a new list",
            TimeSpan.FromMilliseconds(200)
        );
        await simulated.SettleAsync();

        simulated.CheckRemovals();
    }

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Unreadable_ListedObjectThatIsNotJson_PreventsTheEndOfTheList(StreamedLists lists)
    {
        await using var simulated = await FilledAsync(lists);
        simulated.Server.Put(
            Sample.PodNamed("web-1"),
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"default"},"spec":}"""
        );
        simulated.Server.Compact();
        simulated.Server.Cut();
        await simulated.UntilAsync(
            () =>
                simulated.Listener.Read(static listener =>
                    listener.Failures.Count(static item => item.What.Failure.Reason == KubeError.InvalidResponse)
                ) >= 3,
            "lists to fail"
        );

        Assert.NotNull(
            simulated.Listener.Read(static listener => listener.State.FindPod(new PodKey("default", "web-1")))
        );
        simulated.Server.Put(Sample.Pod("web-1", "mended"));
        await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));
        simulated.CheckRemovals();
    }

    [Fact]
    public async Task Oversized_Policy_IsolatesItsNamespace()
    {
        var options = new ReflectorOptions { MaxObject = 200_000 };
        await using var simulated = await SimulatedSource.StartAsync(
            prepare: server => Sample.Fill(server, 3),
            options: options
        );
        await simulated.SettleAsync();

        var much = new string('x', 300_000);
        simulated.Server.Put(
            new ObjectReference("NetworkPolicy", "default", "huge"),
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"huge","namespace":"default","annotations":{"x":"MUCH"}},"spec":{"podSelector":{}}}""".Replace(
                "MUCH",
                much,
                StringComparison.Ordinal
            )
        );
        simulated.Server.Put(Sample.Pod("after", address: 800));
        await simulated.UntilAsync(
            () =>
                simulated.Listener.Read(static listener => listener.State.FindPolicy(new PolicyKey("default", "huge")))
                    is not null,
            "the policy"
        );

        Assert.True(
            simulated.Listener.State.FindPolicy(new PolicyKey("default", "huge"))!
                is { PodSelector.Unreadable: true, IsolatesEgress: true, IsolatesIngress: true }
        );
        Assert.False(Assert.Single(simulated.Listener.Unreadables).Diagnostics[0].IsError);
    }

    [Fact]
    public async Task Emit_FullQueue_IsNotCountedAsSilence()
    {
        await using var simulated = await FilledAsync(StreamedLists.Served);
        var open = new TaskCompletionSource();
        simulated.Listener.Gate = _ => open.Task;

        simulated.Server.Put(Sample.Pod("waits", address: 900));
        var until = simulated.Time.GetUtcNow() + TimeSpan.FromSeconds(140);
        await simulated.UntilAsync(() => simulated.Time.GetUtcNow() > until, "a long wait", TimeSpan.FromSeconds(1));
        open.SetResult();
        await simulated.SettleAsync();

        Assert.DoesNotContain(simulated.Listener.Failures, static item => item.Kind == "Pod");
    }

    private static async Task<SimulatedSource> FilledAsync(StreamedLists lists)
    {
        var simulated = await SimulatedSource.StartAsync(lists, server => Sample.Fill(server, 20));
        await simulated.SettleAsync();
        simulated.Listener.Failures.Clear();
        return simulated;
    }
}
