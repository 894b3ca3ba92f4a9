using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>One event that concerns very many pods is one change of the kernel.</summary>
public sealed class ReconcilerBurstTests
{
    private const int Crowd = 10_000;
    private readonly Rig _rig = new();

    [Fact]
    public void Step_OnePolicyThatTouchesTenThousandPods_IsOnePreparationAndOneSwitch()
    {
        ClusterEvent[] before = [Sample.Policy, Sample.Pod(0), .. CrowdEvents()];
        var agent = _rig.StartWith(before);
        _rig.Kernel.Committed.Clear();
        var generation = _rig.Fake.Generation();

        _rig.Tell(agent, Open);
        Assert.Equal(2u, _rig.Fake.Generation() - generation);
        Assert.Equal(2, _rig.Kernel.Committed.Count);
        var (preparation, change) = (_rig.Kernel.Committed[0], _rig.Kernel.Committed[1]);
        Assert.Single(preparation.OfType<AddElements>(), static added => added.Elements.Count == Crowd);
        Assert.DoesNotContain(preparation.OfType<AddElements>(), static added => added.Elements.Any(static element => element.Verdict is not null));
        Assert.Contains(change.OfType<AddElements>(), static added => added.Elements.Any(static element => element.Verdict is not null));
        Assert.DoesNotContain(change.OfType<AddElements>(), static added => added.Elements.Count > 1);
        AssertOneChange();
        Assert.Empty(Sample.Differences(_rig.Fake, [.. before, Open]));
    }

    [Fact]
    public void Step_ThePolicyIsTakenAway_IsOneTransaction()
    {
        // The other pod has the fence that is left: nothing is to be prepared.
        ClusterEvent[] before = [Sample.Policy, Sample.Pod(0), Sample.Pod(Crowd + 1, "client"), .. CrowdEvents()];
        var agent = _rig.StartWith([.. before, Open]);
        var generation = _rig.Fake.Generation();

        _rig.Tell(agent, new ObjectRemoved(new ObjectReference(nameof(NetworkPolicy), "default", "open-to-the-crowd")));
        Assert.Equal(1u, _rig.Fake.Generation() - generation);
        AssertOneChange();
        Assert.Empty(Sample.Differences(_rig.Fake, before));
    }

    [Fact]
    public void Step_TenThousandPodsThatCameTogether_AreOneTransaction()
    {
        var agent = _rig.StartWith(Sample.Policy, Open, Sample.Pod(0), Member(1));
        var generation = _rig.Fake.Generation();

        _rig.Tell(agent, CrowdEvents());
        Assert.Equal(1u, _rig.Fake.Generation() - generation);
        Assert.Equal(Crowd, _rig.Heard.Changes[^1].Events);
        Assert.Empty(Sample.Differences(_rig.Fake, [Sample.Policy, Open, Sample.Pod(0), .. CrowdEvents()]));
    }

    private static ClusterEvent Open { get; } = new ObjectUpserted(ClusterObject.Of(new NetworkPolicy
    {
        Key = new PolicyKey("default", "open-to-the-crowd"),
        PodSelector = LabelSelector.MatchLabels(("role", "server")),
        IsolatesIngress = true,
        Ingress = [new PolicyRule([new SelectorPeer(null, LabelSelector.MatchLabels(("role", "crowd")))], [])],
    }));

    private static IEnumerable<ClusterEvent> CrowdEvents() => Enumerable.Range(1, Crowd).Select(Member);

    /// <summary>A pod of another node.</summary>
    private static ClusterEvent Member(int number) => new ObjectUpserted(ClusterObject.Of(new Pod
    {
        Key = new PodKey("default", $"member{number}"),
        Labels = LabelSet.Of(("role", "crowd")),
        NodeName = "n2",
        Addresses = [Sample.Address(number)],
        Phase = PodPhase.Running,
    }));

    private void AssertOneChange()
    {
        var change = _rig.Heard.Changes[^1];
        Assert.Equal(1, change.Events);
        Assert.False(change.Replaced);
    }
}
