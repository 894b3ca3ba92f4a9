using Podfence.Dataplane.Nftables;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>When the kernel refuses, or a check does.</summary>
public sealed class ReconcilerFailureTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void Step_KernelRefuses_TellsTheReasonAndLeavesTheOldRules()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Fake.FailNext(Sample.NoMemory, afterOperations: 1);
        _rig.Tell(agent, Sample.Pod(2), new Barrier(2));
        var (failure, wait) = Assert.Single(_rig.Heard.Failures);
        Assert.Equal(DataplaneFailure.NoMemory, failure.Failure);
        Assert.Equal(_rig.Options.RetryInterval, wait);
        Assert.Equal([1], _rig.Heard.Barriers);
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_AfterAFailure_ReplacesEverythingAndReportsBarriersOnlyThen()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Tell(agent, Sample.Pod(2), new Barrier(2));

        // Comes in while the loop waits, and does not hurry it.
        _rig.Tell(agent, Sample.Gone(1), new Barrier(3));
        Assert.Equal(2, _rig.Kernel.Tries.Count);
        Assert.Equal([1], _rig.Heard.Barriers);

        _rig.Kernel.DenyAction = null;
        _rig.Pass(agent, _rig.Options.RetryInterval);
        Assert.Equal([1, 2, 3], _rig.Heard.Barriers);
        Assert.True(_rig.Heard.Changes[^1].Replaced);
        Assert.Equal(2, _rig.Heard.Changes[^1].Events);
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(2)));
    }

    [Fact]
    public void Step_AnswerOfACommittedTransactionIsLost_EndsAtTheSameRules()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Tell(agent, Sample.Pod(2));
        _rig.Kernel.DenyAction = null;

        // In force for all that: what the loop meant to add is there already when it tries again.
        var map = _rig.Fake.Read()!.Sets["ingress-v4"];
        _rig.Fake.Tamper(new AddElements(map.Set, [map.Elements.Single() with { Key = SetElementOf(2), Comment = "default/pod2" }]));
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
        Assert.Single(_rig.Heard.Failures);
    }

    [Fact]
    public void Step_FailsAgainAndAgain_WaitsTwiceAsLongEachTimeUpToTheMost()
    {
        _rig.Kernel.DenyAction = Sample.NoMemory;
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal([50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000, 10_000], _rig.Heard.Waits);

        // The waits are kept to, and nothing else is done meanwhile: thirteen tries in the first minute, six in each one after.
        Assert.Equal(13, _rig.Kernel.Tries.Count);
        Assert.Equal(6, _rig.Pass(agent, TimeSpan.FromMinutes(1)));
        Assert.Equal(19, _rig.Kernel.Tries.Count);
        Assert.Empty(_rig.Heard.Barriers);
    }

    [Fact]
    public void Step_EventsPourInWhileTheKernelFails_MakeNoMoreTries()
    {
        _rig.Kernel.DenyAction = Sample.NoMemory;
        var agent = _rig.StartWith(Sample.Policy);
        for (var i = 0; i < 6000; i++)
        {
            _rig.Time.Advance(TimeSpan.FromMilliseconds(10));
            _rig.Tell(agent, Sample.Pod(1 + (i % 50)), new Barrier(2 + i));
        }

        Assert.InRange(_rig.Kernel.Tries.Count, 10, 13);
        _rig.Kernel.DenyAction = null;
        _rig.Pass(agent, _rig.Options.MaxRetryInterval);
        Assert.Equal(6001, _rig.Heard.Barriers.Count);
        Assert.Empty(Sample.Differences(_rig.Fake, [Sample.Policy, .. Enumerable.Range(1, 50).Select(number => Sample.Pod(number))]));
    }

    [Fact]
    public void Step_SucceedsAfterFailures_BeginsAtTheFirstWaitAgain()
    {
        _rig.Kernel.DenyAction = Sample.NoMemory;
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal(800, _rig.Heard.Waits.Last());
        _rig.Kernel.DenyAction = null;
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Tell(agent, Sample.Pod(2));
        Assert.Equal(50, _rig.Heard.Waits.Last());
    }

    [Fact]
    public void Finish_LastTryFails_TellsAndEnds()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Tell(agent, Sample.Pod(2), new Barrier(2));
        agent.Finish();
        Assert.Equal(2, _rig.Heard.Failures.Count);
        Assert.Equal([1], _rig.Heard.Barriers);
    }

    [Fact]
    public void Step_AFaultOfOurs_IsNotTakenForAFailureOfTheKernel()
    {
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Kernel.DenyAction = new InvalidOperationException("a fault");
        Assert.Throws<InvalidOperationException>(() => _rig.Tell(agent, Sample.Pod(2)));
        Assert.Empty(_rig.Heard.Failures);
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_CheckFails_HoldsTheBarrierBackAndNotTheRules()
    {
        var check = new Check { Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "run: sysctl") };
        _rig.Checks.Add(check);
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
        Assert.Empty(_rig.Heard.Barriers);
        Assert.Equal("run: sysctl", Assert.Single(_rig.Heard.Failures).Failure.Message);

        // However long it has failed, a change is written at once.
        _rig.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal(13, check.Asked);
        Assert.Equal([50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000, 10_000], _rig.Heard.Waits);
        _rig.Tell(agent, Sample.Pod(2), new Barrier(2));
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));

        check.Failure = null;
        _rig.Pass(agent, _rig.Options.MaxRetryInterval);
        Assert.Equal([1, 2], _rig.Heard.Barriers);
        Assert.Equal([Sample.Address(1), Sample.Address(2)], check.Seen.Order());

        // Asked again at the next barrier, and after a first failure soon.
        check.Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off again");
        _rig.Tell(agent, new Barrier(3));
        Assert.Equal(50, _rig.Heard.Waits.Last());
    }

    [Fact]
    public void Step_CheckFails_DriftIsStillFoundAndPutRight()
    {
        _rig.Checks.Add(new Check { Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off") });
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        _rig.Pass(agent, TimeSpan.FromMinutes(1));
        _rig.Fake.Tamper(new DeleteTable());
        _rig.Pass(agent, _rig.Options.DriftInterval + _rig.Options.MinInterval);
        Assert.Single(_rig.Heard.Drifts);
        Assert.Empty(Sample.Differences(_rig.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_PolicyThatNobodyCanCompile_IsClosedAndToldAndAloneInIt()
    {
        // No reader makes a requirement without a key; it stands for what nobody has thought of.
        var broken = new NetworkPolicy
        {
            Key = new PolicyKey("other", "broken"),
            IsolatesIngress = true,
            Ingress = [new PolicyRule([new SelectorPeer(null, new LabelSelector { Requirements = [new LabelRequirement(null!, LabelOperator.Exists, [])] })], [])],
        };
        var victim = new Pod { Key = new PodKey("other", "victim"), NodeName = Sample.Node, Addresses = [IpAddress.Parse("10.9.9.9")], Phase = PodPhase.Running };

        _rig.StartWith(Sample.Policy, Sample.Pod(1), new ObjectUpserted(ClusterObject.Of(victim)), new ObjectUpserted(ClusterObject.Of(broken)));

        Assert.Equal([1], _rig.Heard.Barriers);
        Assert.Equal([broken.Key], Assert.Single(Assert.Single(_rig.Heard.ClosedFences)).Policies);
        var simulator = new PacketSimulator(_rig.Fake.Read()!);
        Assert.False(Passes(victim.Addresses[0]));
        Assert.False(Passes(Sample.Address(1)));
        Assert.True(Passes(IpAddress.Parse("10.9.9.10")));

        bool Passes(IpAddress to) => simulator.Send(HookPoint.Forward, Packet.Of(IpAddress.Parse("192.0.2.1"), to, Protocol.Tcp, 80)) == PacketFate.Accepted;
    }

    [Fact]
    public void Pass_CheckFailsLongAfterTheLastBarrier_IsTold()
    {
        var check = new Check();
        _rig.Checks.Add(check);
        var agent = _rig.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Empty(_rig.Heard.Failures);

        check.Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "run: sysctl");
        _rig.Pass(agent, 2 * _rig.Options.DriftInterval);

        Assert.Contains(_rig.Heard.Failures, failure => failure.Failure.Failure == DataplaneFailure.BridgeNetfilterOff);
    }

    private static Rulesets.SetElement SetElementOf(int number) => Rulesets.SetElement.Of(Sample.Address(number));

    private sealed class Check : IHealthCheck
    {
        public DataplaneException? Failure { get; set; }

        public int Asked { get; private set; }

        public IEnumerable<IpAddress> Seen { get; private set; } = [];

        void IHealthCheck.Check(IReadOnlyDictionary<IpAddress, Rulesets.FencedEndpoint> endpoints)
        {
            Asked++;
            Seen = endpoints.Keys;
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
