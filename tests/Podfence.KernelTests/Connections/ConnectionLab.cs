using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// The <see cref="TwoNodeCluster"/>, at first without policies, with an agent on <c>n1</c> that checks after
/// connections.
/// </summary>
internal sealed class ConnectionLab : IAsyncDisposable
{
    private readonly ConnectionTable _table;

    private ConnectionLab(LabNetwork network, ConnectionOptions options, DataplaneKind dataplane)
    {
        Network = network;
        var node = network.Node("n1");
        _table = node.Run(static () => ConnectionTable.Open());
        Node = new ReconciledNode(
            "n1",
            Dataplanes.Open(dataplane, new LabNamespace(node)),
            new ReconcileOptions { Connections = options },
            node.Run(static () => ConnectionTable.Open())
        );
    }

    public LabNetwork Network { get; }

    public ReconciledNode Node { get; }

    /// <summary>Only <c>web</c> may connect to <c>db</c>.</summary>
    public static NetworkPolicy OnlyWeb { get; } =
        new()
        {
            Key = new PolicyKey("default", "only-web"),
            PodSelector = TwoNodeCluster.App(TwoNodeCluster.Db),
            IsolatesIngress = true,
            Ingress = [new PolicyRule([new SelectorPeer(null, TwoNodeCluster.App(TwoNodeCluster.Web))], [])],
        };

    public static async Task<ConnectionLab> CreateAsync(
        ExistingConnections established,
        PodNetwork kind = PodNetwork.Bridge,
        DataplaneKind dataplane = DataplaneKind.Nftables
    )
    {
        var cluster = TwoNodeCluster.Cluster with { Policies = [] };
        var plan = LabPlanner.PlanOrThrow(cluster.Nodes, cluster.Pods, new LabNetworkOptions { PodNetwork = kind });
        var lab = new ConnectionLab(
            await LabNetwork.CreateAsync(plan, TestContext.Current.CancellationToken),
            new ConnectionOptions { Existing = established },
            dataplane
        );
        await lab.Node.StartAsync(cluster, TestContext.Current.CancellationToken);
        return lab;
    }

    /// <summary>Tells the agent of changes, and waits until they are in force.</summary>
    public Task SendAsync(params IReadOnlyList<ClusterChange> changes) =>
        Node.SendAsync(changes, TestContext.Current.CancellationToken);

    /// <summary>A policy comes into force.</summary>
    public Task EnforceAsync(NetworkPolicy policy) => SendAsync(new PolicyChange(policy.Key, policy, "policy"));

    /// <summary>A conversation that a pod has begun with the port that it calls.</summary>
    public Task<Conversation> TalkAsync(
        PodKey from,
        PodKey to,
        IpFamily family,
        Protocol protocol,
        IpAddress? called = null
    ) =>
        Conversation.BeginAsync(
            Network.Pod(from),
            Network.Pod(to),
            TwoNodeCluster.Address(to, family),
            called ?? TwoNodeCluster.Address(to, family),
            protocol
        );

    /// <summary>What the node's kernel knows that touches a pod.</summary>
    public IReadOnlyList<TrackedConnection> Tracked(PodKey pod)
    {
        var found = new List<TrackedConnection>();
        var sweep = _table.Sweep(TwoNodeCluster.Find(pod).Addresses.ToHashSet(), connection =>
        {
            found.Add(connection);
            return SweepAction.Keep;
        });
        Assert.True(sweep.Continue(static () => false));
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        _table.Dispose();
        await Node.DisposeAsync();
        await Network.DisposeAsync();
    }
}
