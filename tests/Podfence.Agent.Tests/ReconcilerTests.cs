using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>When all goes well.</summary>
public sealed class ReconcilerTests
{
    private readonly TestNode _node = new();

    [Fact]
    public void Step_BeforeTheFirstSyncPoint_WritesNothing()
    {
        var agent = _node.Start();
        _node.Send(agent, Sample.Policy, Sample.Pod(1));
        Assert.Null(agent.UntilDue);
        _node.Time.Advance(TimeSpan.FromHours(1));
        agent.Step();
        agent.Finish();
        Assert.Empty(_node.Kernel.Tries);
        Assert.Equal(0, _node.Kernel.Reads);
        Assert.Empty(_node.Listener.Changes);
    }

    [Fact]
    public void Step_AtTheFirstSyncPoint_ReplacesOnceAndReportsIt()
    {
        _node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
        Assert.Equal(1, _node.Fake.Transactions);
        var change = Assert.Single(_node.Listener.Changes);
        Assert.True(change.Replaced);
        Assert.Equal(3, change.Events);
        Assert.Equal([1], _node.Listener.SyncPoints);
    }

    [Fact]
    public void Step_ClusterIsEmpty_WritesTheEmptyTable()
    {
        _node.StartWith();
        Assert.Empty(Sample.Differences(_node.Fake));
        Assert.Equal([1], _node.Listener.SyncPoints);
    }

    [Fact]
    public void Step_AfterARestart_ChangesTheRulesWithoutAFlush()
    {
        _node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        _node.Kernel.Committed.Clear();

        // Pod 2 has gone and pod 3 come while nobody listened.
        var again = _node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(3));
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(3)));
        Assert.NotEmpty(_node.Kernel.Committed);
        Assert.DoesNotContain(_node.Kernel.Committed.SelectMany(static operations => operations), operation =>
            operation is DeleteTable or FlushChain or DeleteChain
        );
        Assert.True(_node.Listener.Changes[^1].Replaced);

        // From then on it is a matter of differences.
        _node.Send(again, Sample.Gone(3));
        Assert.False(_node.Listener.Changes[^1].Replaced);
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_AfterARestartWithoutChanges_LeavesTheKernelAlone()
    {
        _node.StartWith(Sample.Policy, Sample.Pod(1));
        var generation = _node.Fake.Generation();
        _node.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Equal(generation, _node.Fake.Generation());
        Assert.Equal([1, 1], _node.Listener.SyncPoints);
    }

    [Fact]
    public void Step_ManyEvents_AreOneTransaction()
    {
        var agent = _node.StartWith(Sample.Policy);
        _node.Send(
            agent,
            [
                .. Enumerable.Range(1, 100).Select(number => Sample.Pod(number)),
                .. Enumerable.Range(51, 50).Select(Sample.Gone),
            ]
        );
        Assert.Equal(2, _node.Listener.Changes.Count);
        Assert.Equal(150, _node.Listener.Changes[^1].Events);
        Assert.Empty(
            Sample.Differences(
                _node.Fake,
                [Sample.Policy, .. Enumerable.Range(1, 50).Select(number => Sample.Pod(number))]
            )
        );
    }

    [Fact]
    public void Step_EventsThatChangeNoRule_CauseNoTransactionAndAreNotCountedLater()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Send(agent, Sample.Pod(1), Sample.Pod(1), new SyncPoint(2));
        Assert.Single(_node.Listener.Changes);
        Assert.Equal([1, 2], _node.Listener.SyncPoints);
        _node.Send(agent, Sample.Pod(2));
        Assert.Equal(1, _node.Listener.Changes[^1].Events);
    }

    [Fact]
    public void Step_SyncPointAlone_IsReportedWithoutATransaction()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Send(agent, new SyncPoint(2), new SyncPoint(3));
        Assert.Equal([1, 2, 3], _node.Listener.SyncPoints);
        Assert.Single(_node.Listener.Changes);
    }

    [Fact]
    public void Pause_AfterATransaction_IsTheMinimumInterval()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Equal(_node.Options.MinInterval, agent.Pause);
        _node.Time.Advance(_node.Options.MinInterval);
        Assert.Equal(TimeSpan.Zero, agent.Pause);

        // What changes no rule costs the next change no pause.
        _node.Send(agent, Sample.Pod(1));
        Assert.Equal(TimeSpan.Zero, agent.Pause);
    }

    [Fact]
    public void UntilDue_NoWork_IsTheNextDriftCheck()
    {
        var agent = _node.StartWith(Sample.Policy);
        Assert.Equal(_node.Options.DriftInterval, agent.UntilDue);
        Assert.Equal(120, _node.Pass(agent, TimeSpan.FromMinutes(1)));
        Assert.Equal(1, _node.Kernel.Reads);
    }

    [Fact]
    public void Finish_UnwrittenEvents_AreWritten()
    {
        var agent = _node.StartWith(Sample.Policy);
        agent.Receive(Sample.Pod(1));
        agent.Receive(new SyncPoint(2));
        agent.Finish();
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
        Assert.Equal([1, 2], _node.Listener.SyncPoints);
    }
}
