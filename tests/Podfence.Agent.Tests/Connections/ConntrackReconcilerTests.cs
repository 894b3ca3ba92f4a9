using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>What becomes of connections, and when.</summary>
public sealed class ConntrackReconcilerTests
{
    private static readonly ClusterEvent s_stricter = new ObjectUpserted(
        ClusterObject.Of(
            new NetworkPolicy
            {
                Key = new PolicyKey("default", "clients"),
                IsolatesIngress = true,
                Ingress = [new PolicyRule([new SelectorPeer(null, LabelSelector.MatchLabels(("role", "boss")))], [])],
            }
        )
    );

    [Fact]
    public void Step_PodDeleted_RemovesOnlyConnectionsOfItsAddress()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Pod(1), Sample.Pod(2), Sample.Pod(3));
        var table = node.Connections!;
        table.All.AddRange([
            Between(1, 2),
            Between(2, 1),
            Between(3, 2) with
            {
                Original = Between(3, 1).Original,
            },
            Between(3, 1) with
            {
                Original = Between(3, 2).Original,
            },
            Between(2, 3),
        ]);

        // No policy, no fence, no transaction: the next pod with the address may be fenced.
        node.Send(agent, Sample.Gone(1));
        Assert.Equal([Between(2, 3)], table.All);
        Assert.Empty(table.Cut);
        Assert.Equal((5, 4), (Assert.Single(node.Listener.Sweeps).Read, node.Listener.Sweeps[0].Removed));
    }

    [Fact]
    public void Step_AddressReused_IsReleasedOnceAndNotBeforeTheFirstSyncPoint()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Named("old", 1), Named("new", 2));
        Assert.Empty(node.Connections!.Sweeps);

        node.Send(agent, Named("newer", 3));
        node.Send(agent, Named("newer", 3));
        Assert.Equal([Sample.Address(7)], Assert.Single(node.Connections.Sweeps).Addresses);
    }

    [Fact]
    public void Step_SamePodRelabelled_ReleasesNothing()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1));
        node.Send(agent, Sample.Pod(1, "client"), s_stricter);
        node.Pass(agent, TimeSpan.FromSeconds(10));
        Assert.Empty(node.Connections!.Sweeps);
    }

    [Fact]
    public void Step_ManyAddressesReleased_IsOneSweep()
    {
        var node = NewRig(default);
        var agent = node.StartWith([
            Sample.Policy,
            .. Enumerable.Range(1, 100).Select(static number => Sample.Pod(number)),
        ]);
        node.Send(agent, [.. Enumerable.Range(1, 100).Select(Sample.Gone)]);
        Assert.Equal(100, Assert.Single(node.Connections!.Sweeps).Addresses.Count);
    }

    [Fact]
    public void Step_TransactionRejected_SweepsOnlyAfterItIsCommitted()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1));
        node.Kernel.DenyAction = Sample.NoMemory;
        node.Send(agent, Sample.Gone(1));
        Assert.Empty(node.Connections!.Sweeps);
        node.Kernel.DenyAction = null;
        node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([Sample.Address(1)], Assert.Single(node.Connections.Sweeps).Addresses);
    }

    [Fact]
    public void Step_PolicyRestricts_TerminatesDeniedConnectionsOnlyIfConfigured()
    {
        foreach (var established in Enum.GetValues<ExistingConnections>())
        {
            var node = NewRig(established);
            var agent = node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client"), Sample.Pod(3, "boss"));
            node.Pass(agent, TimeSpan.FromSeconds(1));
            node.Connections!.All.AddRange([Between(2, 1), Between(3, 1), Between(2, 9)]);
            node.Send(agent, s_stricter);
            Assert.Equal(3, node.Connections.All.Count);
            node.Pass(agent, TimeSpan.FromSeconds(1));
            Assert.Equal(established == ExistingConnections.Terminate ? [Between(2, 1)] : [], node.Connections.Cut);
        }
    }

    [Fact]
    public void Step_AfterARestart_TerminatesDeniedConnections()
    {
        var node = NewRig(ExistingConnections.Terminate);
        node.Connections!.All.AddRange([Between(2, 1), Between(3, 1)]);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client"), Sample.Pod(3));
        node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Equal([Between(3, 1)], node.Connections.Cut);
    }

    [Fact]
    public void Step_PodsAddedAndRemoved_SweepsOnlyOncePerInterval()
    {
        var node = NewRig(ExistingConnections.Terminate);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1));
        for (var change = 0; change < 1000; change++)
        {
            node.Send(
                agent,
                Sample.Pod(1000 + change, "client"),
                s_stricter,
                Sample.Policy,
                Sample.Pod(2, change % 2 == 0 ? "client" : "server")
            );
            node.Pass(agent, TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(node.Connections!.Sweeps.Count, 30, 42);
    }

    [Fact]
    public void Step_SweepFails_ReportsAndRetriesWhileRulesAreWritten()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        node.Connections!.All.Add(Between(1, 2));
        node.Connections.DenyAction = Sample.NoMemory;
        node.Send(agent, Sample.Gone(1));
        node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.InRange(node.Listener.Failures.Count, 3, 6);
        node.Send(agent, Sample.Pod(3), new SyncPoint(2));
        Assert.Equal([1, 2], node.Listener.SyncPoints);

        node.Connections.DenyAction = null;
        node.Pass(agent, TimeSpan.FromSeconds(2));
        Assert.Empty(node.Connections.All);
    }

    [Fact]
    public void Step_LongSweep_AllowsTransactionsInBetweenAndPausesAfter()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Policy, Sample.Pod(1), Sample.Pod(2));
        var table = node.Connections!;
        table.Cost = TimeSpan.FromMilliseconds(1);
        table.All.AddRange(Enumerable.Range(0, 100).Select(static number => Between(1, 2, 1000 + number)));
        node.Send(agent, Sample.Gone(1));
        Assert.Equal(98, table.All.Count);
        Assert.Equal(TimeSpan.Zero, agent.UntilDue);
        node.Send(agent, Sample.Pod(3));
        Assert.Equal(3, node.Listener.Changes.Count);
        Assert.Equal(96, table.All.Count);

        node.Send(agent, Sample.Gone(2));
        node.Pass(agent, TimeSpan.FromMilliseconds(200));
        Assert.Empty(table.All);
        Assert.Equal(TimeSpan.FromMilliseconds(100), Assert.Single(node.Listener.Sweeps).Elapsed);

        // The next one waits twenty times as long as the first took.
        Assert.Single(table.Sweeps);
        node.Pass(agent, TimeSpan.FromSeconds(3));
        Assert.True(table.Sweeps[1].Begin - table.Sweeps[0].Begin >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Finish_SweepInProgress_IsCompleted()
    {
        var node = NewRig(default);
        var agent = node.StartWith(Sample.Pod(1));
        node.Connections!.Cost = TimeSpan.FromMilliseconds(1);
        node.Connections.All.AddRange(Enumerable.Range(0, 100).Select(static number => Between(1, 2, 1000 + number)));
        node.Send(agent, Sample.Gone(1));
        agent.Finish();
        Assert.Empty(node.Connections.All);
    }

    private static TestNode NewRig(ExistingConnections established)
    {
        var node = new TestNode(
            new ReconcileOptions { Connections = new ConnectionOptions { Existing = established } }
        );
        node.Connections = new FakeConnections(node.Time);
        return node;
    }

    private static ObjectUpserted Named(string name, long createdAt) =>
        new ObjectUpserted(
            ClusterObject.Of(
                new Pod
                {
                    Key = new PodKey("default", name),
                    NodeName = Sample.Node,
                    Addresses = [Sample.Address(7)],
                    Phase = PodPhase.Running,
                    CreatedAt = createdAt,
                }
            )
        );

    private static TrackedConnection Between(int from, int to, int port = 4000) =>
        new()
        {
            Original = new ConnectionTuple(Sample.Address(from), Sample.Address(to), 6, (ushort)port, 80),
            Reply = new ConnectionTuple(Sample.Address(to), Sample.Address(from), 6, 80, (ushort)port),
        };
}
