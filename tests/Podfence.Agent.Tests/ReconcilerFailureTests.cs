using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>When the kernel refuses, or a check does.</summary>
public sealed class ReconcilerFailureTests
{
    private readonly TestNode _node = new();

    [Fact]
    public void Step_KernelRejects_ReportsTheReasonAndLeavesTheOldRules()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Fake.FailNext(Sample.NoMemory, afterOperations: 1);
        _node.Send(agent, Sample.Pod(2), new SyncPoint(2));
        var (failure, wait) = Assert.Single(_node.Listener.Failures);
        Assert.Equal(DataplaneFailure.NoMemory, failure.Failure);
        Assert.Equal(_node.Options.RetryInterval, wait);
        Assert.Equal([1], _node.Listener.SyncPoints);
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_AfterAFailure_ReplacesEverythingAndReportsSyncPointsOnlyThen()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Send(agent, Sample.Pod(2), new SyncPoint(2));

        // Comes in while the loop waits, and does not hurry it.
        _node.Send(agent, Sample.Gone(1), new SyncPoint(3));
        Assert.Equal(2, _node.Kernel.Tries.Count);
        Assert.Equal([1], _node.Listener.SyncPoints);

        _node.Kernel.DenyAction = null;
        _node.Pass(agent, _node.Options.RetryInterval);
        Assert.Equal([1, 2, 3], _node.Listener.SyncPoints);
        Assert.True(_node.Listener.Changes[^1].Replaced);
        Assert.Equal(2, _node.Listener.Changes[^1].Events);
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(2)));
    }

    [Fact]
    public void Step_ReplyToACommittedTransactionIsLost_EndsAtTheSameRules()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Send(agent, Sample.Pod(2));
        _node.Kernel.DenyAction = null;

        // In force for all that: what the loop meant to add is there already when it tries again.
        var map = _node.Fake.Read()!.Sets["ingress-v4"];
        _node.Fake.Tamper(
            new AddElements(map.Set, [map.Elements.Single() with { Key = SetElementOf(2), Comment = "default/pod2" }])
        );
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
        Assert.Single(_node.Listener.Failures);
    }

    [Fact]
    public void Step_FailsRepeatedly_DoublesTheWaitUpToTheMaximum()
    {
        _node.Kernel.DenyAction = Sample.NoMemory;
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal(
            [50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000, 10_000],
            _node.Listener.Waits
        );

        // The waits are kept to, and nothing else is done meanwhile: thirteen tries in the first minute, six in each
        // one after.
        Assert.Equal(13, _node.Kernel.Tries.Count);
        Assert.Equal(6, _node.Pass(agent, TimeSpan.FromMinutes(1)));
        Assert.Equal(19, _node.Kernel.Tries.Count);
        Assert.Empty(_node.Listener.SyncPoints);
    }

    [Fact]
    public void Step_EventsWhileTheKernelFails_CauseNoMoreTries()
    {
        _node.Kernel.DenyAction = Sample.NoMemory;
        var agent = _node.StartWith(Sample.Policy);
        for (var i = 0; i < 6000; i++)
        {
            _node.Time.Advance(TimeSpan.FromMilliseconds(10));
            _node.Send(agent, Sample.Pod(1 + (i % 50)), new SyncPoint(2 + i));
        }

        Assert.InRange(_node.Kernel.Tries.Count, 10, 13);
        _node.Kernel.DenyAction = null;
        _node.Pass(agent, _node.Options.MaxRetryInterval);
        Assert.Equal(6001, _node.Listener.SyncPoints.Count);
        Assert.Empty(
            Sample.Differences(
                _node.Fake,
                [Sample.Policy, .. Enumerable.Range(1, 50).Select(number => Sample.Pod(number))]
            )
        );
    }

    [Fact]
    public void Step_SucceedsAfterFailures_RestartsAtTheFirstWait()
    {
        _node.Kernel.DenyAction = Sample.NoMemory;
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal(800, _node.Listener.Waits.Last());
        _node.Kernel.DenyAction = null;
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Send(agent, Sample.Pod(2));
        Assert.Equal(50, _node.Listener.Waits.Last());
    }

    [Fact]
    public void Finish_LastTryFails_ReportsAndEnds()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Send(agent, Sample.Pod(2), new SyncPoint(2));
        agent.Finish();
        Assert.Equal(2, _node.Listener.Failures.Count);
        Assert.Equal([1], _node.Listener.SyncPoints);
    }

    [Fact]
    public void Step_Bug_IsNotReportedAsAFailureOfTheKernel()
    {
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Kernel.DenyAction = new InvalidOperationException("a fault");
        Assert.Throws<InvalidOperationException>(() => _node.Send(agent, Sample.Pod(2)));
        Assert.Empty(_node.Listener.Failures);
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_CheckFails_DelaysTheSyncPointAndNotTheRules()
    {
        var check = new Check { Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "run: sysctl") };
        _node.Checks.Add(check.Run);
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
        Assert.Empty(_node.Listener.SyncPoints);
        Assert.Equal("run: sysctl", Assert.Single(_node.Listener.Failures).Failure.Message);

        // However long it has failed, a change is written at once.
        _node.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal(13, check.Asked);
        Assert.Equal(
            [50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000, 10_000],
            _node.Listener.Waits
        );
        _node.Send(agent, Sample.Pod(2), new SyncPoint(2));
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));

        check.Failure = null;
        _node.Pass(agent, _node.Options.MaxRetryInterval);
        Assert.Equal([1, 2], _node.Listener.SyncPoints);
        Assert.Equal([Sample.Address(1), Sample.Address(2)], check.Seen.Order());

        // Asked again at the next barrier, and after a first failure soon.
        check.Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off again");
        _node.Send(agent, new SyncPoint(3));
        Assert.Equal(50, _node.Listener.Waits.Last());
    }

    [Fact]
    public void Step_CheckFails_DriftIsStillDetectedAndRepaired()
    {
        _node.Checks.Add(
            new Check { Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "off") }.Run
        );
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        _node.Pass(agent, TimeSpan.FromMinutes(1));
        _node.Fake.Tamper(new DeleteTable());
        _node.Pass(agent, _node.Options.DriftInterval + _node.Options.MinInterval);
        Assert.Single(_node.Listener.Drifts);
        Assert.Empty(Sample.Differences(_node.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public void Step_PolicyThatCannotBeCompiled_FailsClosedAloneAndIsReported()
    {
        // No reader makes a requirement without a key; it stands for what nobody has thought of.
        var broken = new NetworkPolicy
        {
            Key = new PolicyKey("other", "broken"),
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [
                        new SelectorPeer(
                            null,
                            new LabelSelector { Requirements = [new LabelRequirement(null!, LabelOperator.Exists, [])] }
                        ),
                    ],
                    []
                ),
            ],
        };
        var victim = new Pod
        {
            Key = new PodKey("other", "victim"),
            NodeName = Sample.Node,
            Addresses = [IpAddress.Parse("10.9.9.9")],
            Phase = PodPhase.Running,
        };

        _node.StartWith(
            Sample.Policy,
            Sample.Pod(1),
            new ObjectUpserted(ClusterObject.Of(victim)),
            new ObjectUpserted(ClusterObject.Of(broken))
        );

        Assert.Equal([1], _node.Listener.SyncPoints);
        Assert.Equal([broken.Key], Assert.Single(Assert.Single(_node.Listener.FailedFences)).Policies);
        var simulator = new PacketSimulator(_node.Fake.Read()!);
        Assert.False(Passes(victim.Addresses[0]));
        Assert.False(Passes(Sample.Address(1)));
        Assert.True(Passes(IpAddress.Parse("10.9.9.10")));

        bool Passes(IpAddress to) =>
            simulator.Send(HookPoint.Forward, Packet.Of(IpAddress.Parse("192.0.2.1"), to, Protocol.Tcp, 80))
            == PacketVerdict.Accepted;
    }

    [Fact]
    public void Pass_CheckFailsLongAfterTheLastSyncPoint_IsReported()
    {
        var check = new Check();
        _node.Checks.Add(check.Run);
        var agent = _node.StartWith(Sample.Policy, Sample.Pod(1));
        Assert.Empty(_node.Listener.Failures);

        check.Failure = new DataplaneException(DataplaneFailure.BridgeNetfilterOff, "run: sysctl");
        _node.Pass(agent, 2 * _node.Options.DriftInterval);

        Assert.Contains(_node.Listener.Failures, failure =>
            failure.Failure.Failure == DataplaneFailure.BridgeNetfilterOff
        );
    }

    private static Rulesets.SetElement SetElementOf(int number) => Rulesets.SetElement.Of(Sample.Address(number));

    private sealed class Check
    {
        public DataplaneException? Failure { get; set; }

        public int Asked { get; private set; }

        public IEnumerable<IpAddress> Seen { get; private set; } = [];

        public void Run(IEnumerable<IpAddress> addresses)
        {
            Asked++;
            Seen = addresses;
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
