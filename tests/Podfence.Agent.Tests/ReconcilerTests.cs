using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>When all goes well.</summary>
public sealed class ReconcilerTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void Step_BeforeTheFirstBarrier_WritesNothing()
    {
        var agent = _rig.Start();
        _rig.Tell(agent, Sample.Policy, Sample.Pod(1));
        Assert.Null(agent.UntilDue);
        _rig.Time.Advance(TimeSpan.FromHours(1));
        agent.Step();
        agent.Finish();
        Assert.Empty(_rig.Kernel.Tries);
        Assert.Equal(0, _rig.Kernel.Reads);
        Assert.Empty(_rig.Heard.Changes);
    }

    [Fact]
    public void Step_AtTheFirstBarrier_ReplacesOnceAndReportsTheBarrier()
    {
        _rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
        Assert.Equal(1, _rig.Fake.Transactions);
        var change = Assert.Single(_rig.Heard.Changes);
        Assert.True(change.Replaced);
        Assert.Equal(3, change.Events);
        Assert.Equal([1], _rig.Heard.Barriers);
    }

    [Fact]
    public void Step_ClusterIsEmpty_WritesTheEmptyTable()
    {
        _rig.StartWith();
        Assert.Empty(Sample.Differences(_rig.Fake));
        Assert.Equal([1], _rig.Heard.Barriers);
    }

    [Fact]
    public void Step_AfterARestart_TurnsWhatIsThereIntoWhatShouldBeWithoutAFlush()
    {
        _rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        _rig.Kernel.Committed.Clear();

        // Pod 2 has gone and pod 3 come while nobody listened.
        var again = _rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(3));
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(3)));
        Assert.NotEmpty(_rig.Kernel.Committed);
        Assert.DoesNotContain(_rig.Kernel.Committed.SelectMany(static operations => operations), operation => operation is DeleteTable or FlushChain or DeleteChain);
        Assert.True(_rig.Heard.Changes[^1].Replaced);

        // From then on it is a matter of differences.
        _rig.Tell(again, Sample.Gone(3));
        Assert.False(_rig.Heard.Changes[^1].Replaced);
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_AfterARestartWithoutChanges_LeavesTheKernelAlone()
    {
        _rig.StartWith(Sample.Policy, Sample.Pod(1));
        var generation = _rig.Fake.Generation();
        _rig.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Equal(generation, _rig.Fake.Generation());
        Assert.Equal([1, 1], _rig.Heard.Barriers);
    }

    [Fact]
    public void Step_ManyEvents_AreOneTransaction()
    {
        var agent = _rig.StartWith(Sample.Policy);
        _rig.Tell(agent, [.. Enumerable.Range(1, 100).Select(number => Sample.Pod(number)), .. Enumerable.Range(51, 50).Select(Sample.Gone)]);
        Assert.Equal(2, _rig.Heard.Changes.Count);
        Assert.Equal(150, _rig.Heard.Changes[^1].Events);
        Assert.Empty(Sample.Differences(_rig.Fake, [Sample.Policy, .. Enumerable.Range(1, 50).Select(number => Sample.Pod(number))]));
    }

    [Fact]
    public void Step_EventsThatChangeNoRule_MakeNoTransactionAndAreNotCountedLater()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Tell(agent, Sample.Pod(1), Sample.Pod(1), new Barrier(2));
        Assert.Single(_rig.Heard.Changes);
        Assert.Equal([1, 2], _rig.Heard.Barriers);
        _rig.Tell(agent, Sample.Pod(2));
        Assert.Equal(1, _rig.Heard.Changes[^1].Events);
    }

    [Fact]
    public void Step_BarrierAlone_IsReportedWithoutATransaction()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Tell(agent, new Barrier(2), new Barrier(3));
        Assert.Equal([1, 2, 3], _rig.Heard.Barriers);
        Assert.Single(_rig.Heard.Changes);
    }

    [Fact]
    public void Pause_AfterATransaction_IsTheLeastInterval()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Equal(_rig.Options.MinInterval, agent.Pause);
        _rig.Time.Advance(_rig.Options.MinInterval);
        Assert.Equal(TimeSpan.Zero, agent.Pause);

        // What changes no rule costs the next change no pause.
        _rig.Tell(agent, Sample.Pod(1));
        Assert.Equal(TimeSpan.Zero, agent.Pause);
    }

    [Fact]
    public void UntilDue_NothingToDo_IsTheNextLook()
    {
        var agent = _rig.StartWith(Sample.Policy);
        Assert.Equal(_rig.Options.DriftInterval, agent.UntilDue);
        Assert.Equal(120, _rig.Pass(agent, TimeSpan.FromMinutes(1)));
        Assert.Equal(1, _rig.Kernel.Reads);
    }

    [Fact]
    public void Finish_EventsNotDone_AreDone()
    {
        var agent = _rig.StartWith(Sample.Policy);
        agent.Receive(Sample.Pod(1));
        agent.Receive(new Barrier(2));
        agent.Finish();
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
        Assert.Equal([1, 2], _rig.Heard.Barriers);
    }
}
