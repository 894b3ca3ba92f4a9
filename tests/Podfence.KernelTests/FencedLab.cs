using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// A lab whose nodes are fenced from inside this process: real kernel, real packets, no child processes.
/// </summary>
internal sealed class FencedLab : IAsyncDisposable
{
    private readonly CompilerOptions _options;
    private readonly Dictionary<string, (NodeCompiler Compiler, IDataplane Dataplane)> _fences = [];

    private FencedLab(
        LabNetwork network,
        ClusterState state,
        CompilerOptions options,
        DataplaneKind kind,
        Action<string, ClusterState>? load
    )
    {
        Network = network;
        State = state;
        _options = options;
        Prober = new Prober(network);
        foreach (var node in network.Plan.Nodes.Select(node => node.Object.Name))
        {
            var compiler = new NodeCompiler(state, node, options);
            var dataplane = Dataplanes.Open(kind, new LabNamespace(network.Node(node)));
            if (load is null)
            {
                dataplane.Replace(compiler.Snapshot());
            }
            else
            {
                load(node, state);
            }

            _fences[node] = (compiler, dataplane);
        }
    }

    public LabNetwork Network { get; }

    /// <summary>The cluster with the nodes and addresses that the lab assigned.</summary>
    public ClusterState State { get; }

    public Prober Prober { get; }

    public Evaluator Evaluator => new(State, new EvaluatorOptions { PodToNode = _options.Ruleset.PodToNode });

    /// <summary>Builds the cluster and fences it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="network">How pods are connected.</param>
    /// <param name="options">How rules are compiled.</param>
    /// <param name="kind">The dataplane.</param>
    /// <param name="load">Loads the rules of a node instead of the dataplane, which then only verifies.</param>
    public static async Task<FencedLab> CreateAsync(
        ClusterCase cluster,
        LabNetworkOptions network,
        CompilerOptions? options = null,
        DataplaneKind kind = DataplaneKind.Nftables,
        Func<LabNetwork, Action<string, ClusterState>>? load = null
    )
    {
        var plan = LabPlanner.PlanOrThrow(cluster.Nodes, cluster.Pods, network);
        var state = new ClusterState();
        foreach (var node in plan.Nodes)
        {
            state.Upsert(node.Object);
        }

        foreach (var @namespace in cluster.Namespaces)
        {
            state.Upsert(@namespace);
        }

        foreach (var pod in plan.Pods.Values)
        {
            state.Upsert(pod.Object);
        }

        foreach (var policy in cluster.Policies)
        {
            state.Upsert(policy);
        }

        var built = await LabNetwork.CreateAsync(plan, TestContext.Current.CancellationToken);
        return new FencedLab(built, state, options ?? new CompilerOptions(), kind, load?.Invoke(built));
    }

    /// <summary>Brings changes of the state into the kernels.</summary>
    public void Apply()
    {
        foreach (var (compiler, dataplane) in _fences.Values)
        {
            dataplane.Apply(compiler.Flush());
        }
    }

    /// <summary>The differences between kernels and rulesets.</summary>
    public IReadOnlyList<string> Drift() =>
        [.. _fences.Values.SelectMany(static fence => fence.Dataplane.Verify(fence.Compiler.Snapshot()))];

    /// <summary>The evaluator's verdict on a flow of the lab.</summary>
    public bool IsAllowed(LabFlow flow) => Evaluator.IsAllowed(Translate(flow));

    /// <summary>The same flow as the evaluator's type.</summary>
    public Flow Translate(LabFlow flow) =>
        new(Translate(flow.From, flow.Family), Translate(flow.To, flow.Family), flow.Protocol, flow.Port);

    public async ValueTask DisposeAsync()
    {
        Prober.Dispose();
        foreach (var (_, dataplane) in _fences.Values)
        {
            dataplane.Dispose();
        }

        await Network.DisposeAsync();
    }

    private FlowEndpoint Translate(LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => FlowEndpoint.Of(pod.Key, State.FindPod(pod.Key)!.AddressOf(family)!.Value),
            NodeEndpoint node => FlowEndpoint.OfNode(node.Name, State.Nodes[node.Name].AddressOf(family)!.Value),
            ExternalEndpoint external => FlowEndpoint.External(external.Address),
            _ => throw new ArgumentException($"unknown end {end}", nameof(end)),
        };
}
