using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>What a listener learns beside the rules themselves: how late, how much, and when it is over.</summary>
public sealed class ReconcilerReportTests
{
    private readonly TestNode _node = new();

    [Fact]
    public void Applied_EventsWithTimes_ReportsTheDelayOfTheOldest()
    {
        var agent = _node.StartWith(Sample.Pod(1), Sample.Policy);
        var received = _node.Time.GetTimestamp();
        agent.Receive(Sample.Pod(2) with { ReceivedAt = received });
        _node.Time.Advance(TimeSpan.FromMilliseconds(30));
        agent.Receive(Sample.Pod(3) with { ReceivedAt = _node.Time.GetTimestamp() });
        _node.Time.Advance(TimeSpan.FromMilliseconds(10));
        agent.Step();
        Assert.Equal(TimeSpan.FromMilliseconds(40), _node.Listener.Changes[^1].Delay);
    }

    [Fact]
    public void Applied_EventsWithoutTimes_ReportsNoDelay()
    {
        _node.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Null(_node.Listener.Changes[^1].Delay);
    }

    [Fact]
    public void Applied_AfterAnEventThatChangedNoRule_ReportsTheDelayOfItsOwnEvent()
    {
        var agent = _node.StartWith(Sample.Pod(1), Sample.Policy);
        _node.Send(
            agent,
            new ObjectUpserted(ClusterObject.Of(new Namespace("elsewhere", LabelSet.Empty)))
            {
                ReceivedAt = _node.Time.GetTimestamp(),
            }
        );
        _node.Time.Advance(TimeSpan.FromSeconds(5));
        _node.Send(agent, Sample.Pod(2) with { ReceivedAt = _node.Time.GetTimestamp() });
        Assert.True(_node.Listener.Changes[^1].Delay < TimeSpan.FromSeconds(1), $"{_node.Listener.Changes[^1].Delay}");
    }

    [Fact]
    public void Applied_EveryTransaction_ReportsTheSizeOfTheRuleset()
    {
        var agent = _node.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Equal(1, _node.Listener.Changes[^1].RulesetStats.Pods);
        _node.Send(agent, Sample.Pod(2));
        Assert.Equal(2, _node.Listener.Changes[^1].RulesetStats.Pods);
    }

    [Fact]
    public void Recovered_WriteThatFailedTwice_IsReportedOnce()
    {
        var agent = _node.StartWith(Sample.Pod(1), Sample.Policy);
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Send(agent, Sample.Pod(2));
        _node.Pass(agent, TimeSpan.FromMilliseconds(60));
        Assert.Equal(2, _node.Listener.Failures.Count);
        _node.Kernel.DenyAction = null;
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([ReconcileStep.Write], _node.Listener.Recoveries);
    }

    [Fact]
    public void Recovered_CheckThatPassesAgain_IsReported()
    {
        var check = new Switch { Fails = true };
        _node.Checks.Add(check.Run);
        var agent = _node.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Empty(_node.Listener.Recoveries);
        check.Fails = false;
        _node.Pass(agent, TimeSpan.FromSeconds(2));
        Assert.Equal([ReconcileStep.Check], _node.Listener.Recoveries);
    }

    private sealed class Switch
    {
        public bool Fails { get; set; }

        public void Run(IEnumerable<IpAddress> addresses)
        {
            if (Fails)
            {
                throw new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off");
            }
        }
    }
}
