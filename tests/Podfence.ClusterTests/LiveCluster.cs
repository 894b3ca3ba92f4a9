using System.Globalization;
using System.Text;
using Podfence.Base;
using Podfence.Cli;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>
/// A lab with a real API server: the agents of its nodes are processes of the product, and know nothing but what the
/// server tells them.
/// </summary>
internal sealed class LiveCluster : IAsyncDisposable
{
    private static readonly ProbeOptions s_quick = new() { Timeout = TimeSpan.FromMilliseconds(1_500) };
    private static readonly ProbeOptions s_patient = new() { Timeout = TimeSpan.FromSeconds(8) };
    private static readonly DataplaneKind[] s_kinds =
    [
        DataplaneKind.Nftables,
        DataplaneKind.IptablesNft,
        DataplaneKind.IptablesLegacy,
    ];
    private readonly LabCluster _lab;

    private LiveCluster(LabCluster lab) => _lab = lab;

    public LabCluster Lab => _lab;

    public ControlPlane ControlPlane => _lab.ControlPlane!;

    /// <summary>The product's executable, beside the tests.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "podfence");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where there is no root or no API server.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: network namespaces and nf_tables");
        Assert.SkipUnless(
            ControlPlane.FindPrograms() is not null,
            "needs etcd and kube-apiserver: 'make envtest' provides them, or KUBEBUILDER_ASSETS names them"
        );
    }

    /// <summary>Brings a cluster up.</summary>
    /// <param name="manifests">Its objects.</param>
    /// <param name="network">How pods are connected.</param>
    /// <param name="more">Further arguments of every agent.</param>
    /// <param name="way">Where agents find the server; itself by default.</param>
    /// <param name="wrapper">What agents are started by; nothing by default.</param>
    /// <param name="dataplane">What the agent of each node makes fences of; by default something else on each.</param>
    /// <param name="agent">
    /// What runs the agent of a node, by node, kubeconfig and status socket; by default the executable beside the
    /// tests.
    /// </param>
    public static async Task<LiveCluster> StartAsync(
        ObjectSet manifests,
        PodNetwork network = PodNetwork.Bridge,
        string[]? more = null,
        Func<System.Net.IPEndPoint, System.Net.IPEndPoint>? way = null,
        string[]? wrapper = null,
        Func<string, DataplaneKind>? dataplane = null,
        Func<string, string, string, IReadOnlyList<string>>? agent = null
    )
    {
        dataplane ??= Mixed(0);
        var options = new LabClusterOptions
        {
            Network = new LabNetworkOptions { PodNetwork = network },
            AgentCommand = agent
                ?? (
                    (node, kubeconfig, socket) =>
                        [
                            .. wrapper ?? [],
                            Program,
                            "agent",
                            "--node-name",
                            node,
                            "--kubeconfig",
                            kubeconfig,
                            "--status-socket",
                            socket,
                            "--metrics-bind-address",
                            "127.0.0.1:9469",
                            "--dataplane",
                            new EnumWord<DataplaneKind>(dataplane(node)).ToString(),
                            .. more ?? [],
                        ]
                ),
            FenceTimeout = TimeSpan.FromSeconds(60),
            ProxyServer = way,
        };
        return new LiveCluster(await LabCluster.StartAsync(manifests, options, null, Cancel));
    }

    /// <summary>
    /// A cluster whose nodes n1, n2 and so on have fences of different kinds, side by side: what the agent is held to,
    /// it is held to by all of them at once.
    /// </summary>
    /// <param name="turn">Moves the kinds on by so many nodes.</param>
    public static Func<string, DataplaneKind> Mixed(int turn) =>
        node => s_kinds[(int.Parse(node.AsSpan(1), CultureInfo.InvariantCulture) - 1 + turn) % s_kinds.Length];

    /// <summary>Objects of a text.</summary>
    public static ObjectSet Read(string yaml)
    {
        var manifests = ManifestReader.ReadText(yaml, "test.yaml");
        Assert.True(!manifests.HasErrors, string.Join('\n', manifests.Diagnostics));
        return manifests;
    }

    /// <summary>Runs kubectl against the cluster.</summary>
    public Task<string> KubectlAsync(string input, params string[] arguments) =>
        KubectlAsync(ControlPlane, input, arguments);

    /// <summary>Runs kubectl, which must succeed.</summary>
    public static Task<string> KubectlAsync(ControlPlane control, string input, params string[] arguments) =>
        KubectlAsync(control.Kubeconfig, input, arguments);

    /// <summary>Runs kubectl, which must succeed.</summary>
    public static async Task<string> KubectlAsync(string kubeconfig, string input, params string[] arguments)
    {
        var result = await RunKubectlAsync(kubeconfig, input, arguments);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result.ErrorText}");
        return result.OutputText;
    }

    /// <summary>Runs kubectl, which may fail.</summary>
    public static async Task<string> TryKubectlAsync(ControlPlane control, params string[] arguments) =>
        (await RunKubectlAsync(control.Kubeconfig, "", arguments)).OutputText;

    private static async Task<ProgramResult> RunKubectlAsync(string kubeconfig, string input, string[] arguments)
    {
        var kubectl = Path.Combine(ControlPlane.FindPrograms()!, "kubectl");
        Assert.SkipUnless(File.Exists(kubectl), "needs kubectl beside kube-apiserver: 'make envtest' provides it");
        var request = new ProgramRequest(kubectl, ["--kubeconfig", kubeconfig, .. arguments])
        {
            Input = Encoding.UTF8.GetBytes(input),
            InheritsEnvironment = true,
        };
        return await ProgramRunner.RunAsync(request, TimeProvider.System, Cancel);
    }

    /// <summary>
    /// Waits until every agent holds what the server has, and compares packets with the evaluator on what the server
    /// has.
    /// </summary>
    /// <returns>What differs, and how many flows were tried.</returns>
    public async Task<(IReadOnlyList<string> Differences, int Flows)> CompareAsync(Func<LabFlow, bool>? choose = null)
    {
        await _lab.WaitFencedAsync(Cancel);
        var state = await StateAsync();
        var evaluator = new Evaluator(state, new EvaluatorOptions());
        var flows = AllPairs(state).Where(flow => choose?.Invoke(flow) ?? true).ToList();
        var differences = new List<string>();
        foreach (var first in await _lab.Prober.ProbeAsync(flows, s_quick, Cancel))
        {
            // Silence may be a machine that is busy elsewhere, so it is asked again, alone and with patience.
            var result =
                first.Outcome == ProbeOutcome.TimedOut
                    ? await _lab.Prober.ProbeAsync(first.Flow, s_patient, Cancel)
                    : first;
            var expected = evaluator.IsAllowed(FlowOf(state, result.Flow));
            if (expected ? !result.IsAllowed : !result.IsDenied)
            {
                differences.Add($"{result}: the evaluator {(expected ? "allows" : "denies")} it");
            }
        }

        return (differences, flows.Count);
    }

    /// <summary>What the server has.</summary>
    public async Task<ClusterState> StateAsync()
    {
        var state = new ClusterState();
        foreach (var item in await _lab.ReadObjectsAsync(Cancel))
        {
            state.Upsert(item);
        }

        return state;
    }

    /// <summary>One flow, by packets, now.</summary>
    public async Task<bool> PassesAsync(string from, string to, int port, IpFamily family = IpFamily.IPv4)
    {
        var flow = new LabFlow(LabEndpoint.Parse(from), LabEndpoint.Parse(to), Protocol.Tcp, port, family);
        return (await _lab.Prober.ProbeAsync(flow, s_quick, Cancel)).IsAllowed;
    }

    /// <summary>Waits until a flow fares as wanted.</summary>
    public async Task UntilAsync(string from, string to, int port, bool passes)
    {
        for (var began = TimeProvider.System.GetTimestamp(); await PassesAsync(from, to, port) != passes; )
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30),
                $"{from} -> {to}:{port} {(passes ? "never passed" : "went on to pass")}"
            );
        }
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static IEnumerable<LabFlow> AllPairs(ClusterState state)
    {
        foreach (var family in IpFamilies.All)
        {
            var pods = state
                .Pods.Where(pod => pod.IsEndpoint && pod.AddressOf(family) is not null)
                .OrderBy(static pod => pod.Key)
                .ToList();
            IEnumerable<LabEndpoint> sources =
            [
                .. pods.Select(static pod => new PodEndpoint(pod.Key)),
                .. state
                    .Nodes.Values.Where(node => node.AddressOf(family) is not null)
                    .Select(static node => node.Name)
                    .Order(StringComparer.Ordinal)
                    .Select(static node => new NodeEndpoint(node)),
            ];
            foreach (var from in sources)
            {
                foreach (var to in pods)
                {
                    foreach (var port in to.Ports.ToList())
                    {
                        yield return new LabFlow(
                            from,
                            new PodEndpoint(to.Key),
                            port.Protocol == Protocol.Udp ? Protocol.Udp : Protocol.Tcp,
                            port.Number,
                            family
                        );
                    }
                }
            }
        }
    }

    private static Flow FlowOf(ClusterState state, LabFlow flow) =>
        new(EndOf(state, flow.From, flow.Family), EndOf(state, flow.To, flow.Family), flow.Protocol, flow.Port);

    private static FlowEndpoint EndOf(ClusterState state, LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => FlowEndpoint.Of(pod.Key, state.FindPod(pod.Key)!.AddressOf(family)!.Value),
            NodeEndpoint node => FlowEndpoint.OfNode(node.Name, state.Nodes[node.Name].AddressOf(family)!.Value),
            ExternalEndpoint outside => FlowEndpoint.External(outside.Address),
            _ => throw new ArgumentException($"unknown end {end}", nameof(end)),
        };
}
