using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>What becomes of connections, and when.</summary>
public sealed class ConntrackReconcilerTests
{
    private static readonly ClusterEvent s_stricter = new ObjectUpserted(ClusterObject.Of(new NetworkPolicy
    {
        Key = new PolicyKey("default", "clients"),
        IsolatesIngress = true,
        Ingress = [new PolicyRule([new SelectorPeer(null, LabelSelector.MatchLabels(("role", "boss")))], [])],
    }));

    [Fact]
    public void Step_PodGone_RemovesConnectionsOfItsAddressAndNoOthers()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Pod(1), Sample.Pod(2), Sample.Pod(3));
        var table = rig.Connections!;
        table.All.AddRange([Between(1, 2), Between(2, 1), Between(3, 2) with { Original = Between(3, 1).Original }, Between(3, 1) with { Original = Between(3, 2).Original }, Between(2, 3)]);

        // No policy, no fence, no transaction: the next pod with the address may be fenced.
        rig.Tell(agent, Sample.Gone(1));
        Assert.Equal([Between(2, 3)], table.All);
        Assert.Empty(table.Cut);
        Assert.Equal((5, 4), (Assert.Single(rig.Heard.Sweeps).Read, rig.Heard.Sweeps[0].Removed));
    }

    [Fact]
    public void Step_AddressHandedOn_IsReleasedOnceAndNotBeforeTheFirstBarrier()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Named("old", 1), Named("new", 2));
        Assert.Empty(rig.Connections!.Sweeps);

        rig.Tell(agent, Named("newer", 3));
        rig.Tell(agent, Named("newer", 3));
        Assert.Equal([Sample.Address(7)], Assert.Single(rig.Connections.Sweeps).Addresses);
    }

    [Fact]
    public void Step_SamePodRelabelled_ReleasesNothing()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1));
        rig.Tell(agent, Sample.Pod(1, "client"), s_stricter);
        rig.Pass(agent, TimeSpan.FromSeconds(10));
        Assert.Empty(rig.Connections!.Sweeps);
    }

    [Fact]
    public void Step_ManyAddressesReleased_IsOneSweep()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith([Sample.Policy, .. Enumerable.Range(1, 100).Select(static number => Sample.Pod(number))]);
        rig.Tell(agent, Enumerable.Range(1, 100).Select(Sample.Gone));
        Assert.Equal(100, Assert.Single(rig.Connections!.Sweeps).Addresses.Count);
    }

    [Fact]
    public void Step_TransactionRefused_SweepsWhenItIsInForce()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1));
        rig.Kernel.DenyAction = Sample.NoMemory;
        rig.Tell(agent, Sample.Gone(1));
        Assert.Empty(rig.Connections!.Sweeps);
        rig.Kernel.DenyAction = null;
        rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([Sample.Address(1)], Assert.Single(rig.Connections.Sweeps).Addresses);
    }

    [Fact]
    public void Step_PolicyTightens_CutsWhatIsDeniedNowByChoiceOnly()
    {
        foreach (var established in Enum.GetValues<ExistingConnections>())
        {
            var rig = NewRig(established);
            var agent = rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client"), Sample.Pod(3, "boss"));
            rig.Pass(agent, TimeSpan.FromSeconds(1));
            rig.Connections!.All.AddRange([Between(2, 1), Between(3, 1), Between(2, 9)]);
            rig.Tell(agent, s_stricter);
            Assert.Equal(3, rig.Connections.All.Count);
            rig.Pass(agent, TimeSpan.FromSeconds(1));
            Assert.Equal(established == ExistingConnections.Terminate ? [Between(2, 1)] : [], rig.Connections.Cut);
        }
    }

    [Fact]
    public void Step_AfterARestart_CutsWhatIsDenied()
    {
        var rig = NewRig(ExistingConnections.Terminate);
        rig.Connections!.All.AddRange([Between(2, 1), Between(3, 1)]);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client"), Sample.Pod(3));
        rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([Between(3, 1)], rig.Connections.Cut);
    }

    [Fact]
    public void Step_PodsComeAndGo_LooksForNothingToCutBeyondTheInterval()
    {
        var rig = NewRig(ExistingConnections.Terminate);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1));
        for (var change = 0; change < 1000; change++)
        {
            rig.Tell(agent, Sample.Pod(1000 + change, "client"), s_stricter, Sample.Policy, Sample.Pod(2, change % 2 == 0 ? "client" : "server"));
            rig.Pass(agent, TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(rig.Connections!.Sweeps.Count, 30, 42);
    }

    [Fact]
    public void Step_KernelRefuses_TellsAndTriesAgainWhileRulesGoOn()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        rig.Connections!.All.Add(Between(1, 2));
        rig.Connections.DenyAction = Sample.NoMemory;
        rig.Tell(agent, Sample.Gone(1));
        rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.InRange(rig.Heard.Failures.Count, 3, 6);
        rig.Tell(agent, Sample.Pod(3), new Barrier(2));
        Assert.Equal([1, 2], rig.Heard.Barriers);

        rig.Connections.DenyAction = null;
        rig.Pass(agent, TimeSpan.FromSeconds(2));
        Assert.Empty(rig.Connections.All);
    }

    [Fact]
    public void Step_LongSweep_LetsTransactionsInBetweenAndRestsAfter()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        var table = rig.Connections!;
        table.Cost = TimeSpan.FromMilliseconds(1);
        table.All.AddRange(Enumerable.Range(0, 100).Select(static number => Between(1, 2, 1000 + number)));
        rig.Tell(agent, Sample.Gone(1));
        Assert.Equal(98, table.All.Count);
        Assert.Equal(TimeSpan.Zero, agent.UntilDue);
        rig.Tell(agent, Sample.Pod(3));
        Assert.Equal(3, rig.Heard.Changes.Count);
        Assert.Equal(96, table.All.Count);

        rig.Tell(agent, Sample.Gone(2));
        rig.Pass(agent, TimeSpan.FromMilliseconds(200));
        Assert.Empty(table.All);
        Assert.Equal(TimeSpan.FromMilliseconds(100), Assert.Single(rig.Heard.Sweeps).Elapsed);

        // The next one waits twenty times as long as the first took.
        Assert.Single(table.Sweeps);
        rig.Pass(agent, TimeSpan.FromSeconds(3));
        Assert.True(table.Sweeps[1].Begin - table.Sweeps[0].Begin >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Finish_SweepUnderWay_IsDone()
    {
        var rig = NewRig(default);
        var agent = rig.StartWith(Sample.Pod(1));
        rig.Connections!.Cost = TimeSpan.FromMilliseconds(1);
        rig.Connections.All.AddRange(Enumerable.Range(0, 100).Select(static number => Between(1, 2, 1000 + number)));
        rig.Tell(agent, Sample.Gone(1));
        agent.Finish();
        Assert.Empty(rig.Connections.All);
    }

    private static Rig NewRig(ExistingConnections established)
    {
        var rig = new Rig(new ReconcileOptions { Connections = new ConnectionOptions { Established = established } });
        rig.Connections = new FakeConnections(rig.Time);
        return rig;
    }

    private static ObjectUpserted Named(string name, long createdAt) => new ObjectUpserted(ClusterObject.Of(new Pod
    {
        Key = new PodKey("default", name),
        NodeName = Sample.Node,
        Addresses = [Sample.Address(7)],
        Phase = PodPhase.Running,
        CreatedAt = createdAt,
    }));

    private static TrackedConnection Between(int from, int to, int port = 4000) => new()
    {
        Original = new ConnectionTuple(Sample.Address(from), Sample.Address(to), 6, (ushort)port, 80),
        Reply = new ConnectionTuple(Sample.Address(to), Sample.Address(from), 6, 80, (ushort)port),
    };
}
