using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>One event that concerns very many pods is one change of the kernel.</summary>
public sealed class ReconcilerBurstTests
{
    private const int Crowd = 10_000;
    private readonly TestNode _node = new();

    [Fact]
    public void Step_OnePolicyForTenThousandPods_IsOnePreparationAndOneSwitch()
    {
        ClusterEvent[] before = [Sample.Policy, Sample.Pod(0), .. CrowdEvents()];
        var agent = _node.StartWith(before);
        _node.Kernel.Committed.Clear();
        var generation = _node.Fake.Generation();

        _node.Send(agent, Open);
        Assert.Equal(2u, _node.Fake.Generation() - generation);
        Assert.Equal(2, _node.Kernel.Committed.Count);
        var (preparation, change) = (_node.Kernel.Committed[0], _node.Kernel.Committed[1]);
        Assert.Single(preparation.OfType<AddElements>(), static added => added.Elements.Count == Crowd);
        Assert.DoesNotContain(preparation.OfType<AddElements>(), static added =>
            added.Elements.Any(static element => element.Verdict is not null)
        );
        Assert.Contains(change.OfType<AddElements>(), static added =>
            added.Elements.Any(static element => element.Verdict is not null)
        );
        Assert.DoesNotContain(change.OfType<AddElements>(), static added => added.Elements.Count > 1);
        AssertOneChange();
        Assert.Empty(Sample.Differences(_node.Fake, [.. before, Open]));
    }

    [Fact]
    public void Step_PolicyDeleted_IsOneTransaction()
    {
        // The other pod has the fence that is left: nothing is to be prepared.
        ClusterEvent[] before = [Sample.Policy, Sample.Pod(0), Sample.Pod(Crowd + 1, "client"), .. CrowdEvents()];
        var agent = _node.StartWith([.. before, Open]);
        var generation = _node.Fake.Generation();

        _node.Send(
            agent,
            new ObjectRemoved(new ObjectReference(nameof(NetworkPolicy), "default", "open-to-the-crowd"))
        );
        Assert.Equal(1u, _node.Fake.Generation() - generation);
        AssertOneChange();
        Assert.Empty(Sample.Differences(_node.Fake, before));
    }

    [Fact]
    public void Step_TenThousandPodsAtOnce_AreOneTransaction()
    {
        var agent = _node.StartWith(Sample.Policy, Open, Sample.Pod(0), Member(1));
        var generation = _node.Fake.Generation();

        _node.Send(agent, [.. CrowdEvents()]);
        Assert.Equal(1u, _node.Fake.Generation() - generation);
        Assert.Equal(Crowd, _node.Listener.Changes[^1].Events);
        Assert.Empty(Sample.Differences(_node.Fake, [Sample.Policy, Open, Sample.Pod(0), .. CrowdEvents()]));
    }

    private static ClusterEvent Open { get; } =
        new ObjectUpserted(
            ClusterObject.Of(
                new NetworkPolicy
                {
                    Key = new PolicyKey("default", "open-to-the-crowd"),
                    PodSelector = LabelSelector.MatchLabels(("role", "server")),
                    IsolatesIngress = true,
                    Ingress =
                    [
                        new PolicyRule([new SelectorPeer(null, LabelSelector.MatchLabels(("role", "crowd")))], []),
                    ],
                }
            )
        );

    private static IEnumerable<ClusterEvent> CrowdEvents() => Enumerable.Range(1, Crowd).Select(Member);

    /// <summary>A pod of another node.</summary>
    private static ClusterEvent Member(int number) =>
        new ObjectUpserted(
            ClusterObject.Of(
                new Pod
                {
                    Key = new PodKey("default", $"member{number}"),
                    Labels = LabelSet.Of(("role", "crowd")),
                    NodeName = "n2",
                    Addresses = [Sample.Address(number)],
                    Phase = PodPhase.Running,
                }
            )
        );

    private void AssertOneChange()
    {
        var change = _node.Listener.Changes[^1];
        Assert.Equal(1, change.Events);
        Assert.False(change.Replaced);
    }
}
