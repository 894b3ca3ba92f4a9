using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>The <see cref="TwoNodeCluster"/> built and fenced by a reconcile loop on each node.</summary>
internal sealed class TwoNodeLab : IAsyncDisposable
{
    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Func<NetworkNamespace, IDataplane> _open;
    private readonly ClusterState _state = TwoNodeCluster.Cluster.ToState();

    private TwoNodeLab(LabNetwork network, Func<NetworkNamespace, IDataplane> open)
    {
        Network = network;
        _open = open;
        Prober = new Prober(network);
        Nodes =
        [
            .. TwoNodeCluster.Cluster.Nodes.Select(node => new ReconciledNode(
                node.Name,
                open(network.Node(node.Name))
            )),
        ];
    }

    public LabNetwork Network { get; }

    public Prober Prober { get; }

    public IReadOnlyList<ReconciledNode> Nodes { get; }

    /// <summary>The node whose rules are changed: n1, of <c>web</c>, <c>db</c> and <c>open</c>.</summary>
    public ReconciledNode First => Nodes[0];

    /// <summary>Over nftables, maybe with a kernel that fails.</summary>
    public static Task<TwoNodeLab> CreateAsync(
        PodNetwork kind = PodNetwork.Bridge,
        Func<INftKernel, INftKernel>? kernel = null
    ) =>
        CreateAsync(kind, node => new NftablesDataplane(
            (kernel ?? (static real => real))(node.Run(static () => NetlinkKernel.Open()))
        ));

    public static Task<TwoNodeLab> CreateAsync(DataplaneKind dataplane) =>
        CreateAsync(node => Dataplanes.Open(dataplane, new LabNamespace(node)));

    public static Task<TwoNodeLab> CreateAsync(Func<NetworkNamespace, IDataplane> open) =>
        CreateAsync(PodNetwork.Bridge, open);

    private static async Task<TwoNodeLab> CreateAsync(PodNetwork kind, Func<NetworkNamespace, IDataplane> open)
    {
        var cancel = TestContext.Current.CancellationToken;
        var plan = LabPlanner.PlanOrThrow(
            TwoNodeCluster.Cluster.Nodes,
            TwoNodeCluster.Cluster.Pods,
            new LabNetworkOptions { PodNetwork = kind }
        );
        var lab = new TwoNodeLab(await LabNetwork.CreateAsync(plan, cancel), open);
        await Task.WhenAll(lab.Nodes.Select(node => node.StartAsync(TwoNodeCluster.Cluster, cancel)));
        return lab;
    }

    /// <summary>Runs nft on a node, as another tool would.</summary>
    public string Nft(string command, string node = "n1") =>
        Tools.Run(Network.Node(node), "nft", ["-f", "-"], command + "\n");

    /// <summary>Sends changes to all nodes, and waits until they are in force.</summary>
    public async Task SendAsync(params IReadOnlyList<ClusterChange> changes)
    {
        Note(changes);
        await Task.WhenAll(Nodes.Select(node => node.SendAsync(changes, TestContext.Current.CancellationToken)));
    }

    /// <summary>Applies changes to the evaluator's state.</summary>
    public void Note(params IEnumerable<ClusterChange> changes)
    {
        foreach (var change in changes)
        {
            change.Apply(_state);
        }
    }

    /// <summary>
    /// Asserts that real packets get the verdicts of the evaluator, and that the kernel holds the expected rules.
    /// </summary>
    public async Task AssertEnforcesAsync()
    {
        var results = await Prober.ProbeAsync(TwoNodeCluster.Flows, s_probe, TestContext.Current.CancellationToken);
        var wrong = results.Where(result => IsAllowed(result.Flow) ? !result.IsAllowed : !result.IsDenied).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        foreach (var node in Nodes)
        {
            Assert.Empty(Drift(node.Name));
        }
    }

    /// <summary>The differences that another process would find.</summary>
    public IReadOnlyList<string> Drift(string node)
    {
        using var dataplane = _open(Network.Node(node));
        return dataplane.Verify(Expected(node));
    }

    public Rulesets.Ruleset Expected(string node) => new NodeCompiler(_state, node).Snapshot();

    public bool IsAllowed(LabFlow flow) =>
        new Evaluator(_state).IsAllowed(
            new Flow(Translate(flow.From, flow.Family), Translate(flow.To, flow.Family), flow.Protocol, flow.Port)
        );

    public async ValueTask DisposeAsync()
    {
        Prober.Dispose();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Network.DisposeAsync();
    }

    private FlowEndpoint Translate(LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => FlowEndpoint.Of(pod.Key, _state.FindPod(pod.Key)!.AddressOf(family)!.Value),
            NodeEndpoint node => FlowEndpoint.OfNode(node.Name, _state.Nodes[node.Name].AddressOf(family)!.Value),
            ExternalEndpoint external => FlowEndpoint.External(external.Address),
            _ => throw new ArgumentException($"unknown end {end}", nameof(end)),
        };
}
