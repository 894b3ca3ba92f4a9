using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>What a listener learns beside the rules themselves: how late, how much, and when it is over.</summary>
public sealed class ReconcilerTellingTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void Applied_EventsWithTimes_TellsTheAgeOfTheOldest()
    {
        var agent = _rig.StartWith(Sample.Pod(1), Sample.Policy);
        var received = _rig.Time.GetTimestamp();
        agent.Receive(Sample.Pod(2) with { ReceivedAt = received });
        _rig.Time.Advance(TimeSpan.FromMilliseconds(30));
        agent.Receive(Sample.Pod(3) with { ReceivedAt = _rig.Time.GetTimestamp() });
        _rig.Time.Advance(TimeSpan.FromMilliseconds(10));
        agent.Step();
        Assert.Equal(TimeSpan.FromMilliseconds(40), _rig.Heard.Changes[^1].Delay);
    }

    [Fact]
    public void Applied_EventsWithoutTimes_TellsNoAge()
    {
        _rig.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Null(_rig.Heard.Changes[^1].Delay);
    }

    [Fact]
    public void Applied_AfterAnEventThatChangedNoRule_TellsTheAgeOfItsOwnEvent()
    {
        var agent = _rig.StartWith(Sample.Pod(1), Sample.Policy);
        _rig.Tell(agent, new ObjectUpserted(ClusterObject.Of(new Namespace("elsewhere", LabelSet.Empty))) { ReceivedAt = _rig.Time.GetTimestamp() });
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        _rig.Tell(agent, Sample.Pod(2) with { ReceivedAt = _rig.Time.GetTimestamp() });
        Assert.True(_rig.Heard.Changes[^1].Delay < TimeSpan.FromSeconds(1), $"{_rig.Heard.Changes[^1].Delay}");
    }

    [Fact]
    public void Applied_EveryTransaction_TellsWhatIsInTheKernel()
    {
        var agent = _rig.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Equal(1, _rig.Heard.Changes[^1].RulesetStats.Pods);
        _rig.Tell(agent, Sample.Pod(2));
        Assert.Equal(2, _rig.Heard.Changes[^1].RulesetStats.Pods);
    }

    [Fact]
    public void Recovered_WriteThatFailedTwice_IsToldOnce()
    {
        var agent = _rig.StartWith(Sample.Pod(1), Sample.Policy);
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Tell(agent, Sample.Pod(2));
        _rig.Pass(agent, TimeSpan.FromMilliseconds(60));
        Assert.Equal(2, _rig.Heard.Failures.Count);
        _rig.Kernel.DenyAction = null;
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([ReconcileStep.Write], _rig.Heard.Recoveries);
    }

    [Fact]
    public void Recovered_CheckThatHoldsAgain_IsTold()
    {
        var check = new Switch { Fails = true };
        _rig.Checks.Add(check);
        var agent = _rig.StartWith(Sample.Pod(1), Sample.Policy);
        Assert.Empty(_rig.Heard.Recoveries);
        check.Fails = false;
        _rig.Pass(agent, TimeSpan.FromSeconds(2));
        Assert.Equal([ReconcileStep.Check], _rig.Heard.Recoveries);
    }

    private sealed class Switch : IHealthCheck
    {
        public bool Fails { get; set; }

        public void Check(IReadOnlyDictionary<IpAddress, Rulesets.FencedEndpoint> endpoints)
        {
            if (Fails)
            {
                throw new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off");
            }
        }
    }
}
