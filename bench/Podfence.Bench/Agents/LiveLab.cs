using Podfence.Kubernetes;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// A small lab with a real API server and an agent on each of two nodes, and one flow between them that a policy stops.
/// </summary>
internal sealed class LiveLab : IAsyncDisposable
{
    private const string Space = "live";
    private const string Crowd = "team";
    private const int CrowdPods = 8;
    private const int Parallel = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly string[] s_nodes = ["node-1", "node-2"];
    private readonly LabCluster _cluster;
    private readonly KubeClient _client;
    private readonly LiveFlow _flow;
    private int _others;

    private LiveLab(LabCluster cluster)
    {
        _cluster = cluster;
        _client = new KubeClient(ClusterAccess.Load(new AccessOptions { Kubeconfig = cluster.Kubeconfig! }));
        foreach (var node in s_nodes)
        {
            // Connections that were reset are forgotten before their ports come again.
            cluster.Network.Node(node).Configure([new("netfilter/nf_conntrack_tcp_timeout_close", "1")]);
        }

        var (caller, server) = (new PodKey(Space, "caller"), new PodKey(Space, "server"));
        _flow = new LiveFlow(
            cluster.Network.Pod(caller),
            AddressOf(caller),
            cluster.Network.Pod(server),
            AddressOf(server)
        );
        IpAddress AddressOf(PodKey pod) => cluster.Network.Plan.Pods[pod].Object.AddressOf(IpFamily.IPv4)!.Value;
    }

    /// <summary>Processor time of both agents so far.</summary>
    public double CpuSeconds => Agents.Sum(NativeAgent.CpuSecondsOf);

    /// <summary>The larger agent, resident, in MiB.</summary>
    public double Resident =>
        Agents.Max(static process => ProcessMemory.Status($"{process}", "VmRSS:")) / (double)(1 << 20);

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing =>
        NativeAgent.Missing
        ?? (
            ControlPlane.FindPrograms() is null
                ? "there is no etcd and kube-apiserver: run 'make envtest', or name their folder in KUBEBUILDER_ASSETS"
                : null
        );

    private IEnumerable<int> Agents => _cluster.Fences.Select(static fence => fence.ProcessId).OfType<int>();

    public static async Task<LiveLab> StartAsync(CancellationToken cancel)
    {
        List<ClusterObject> objects =
        [
            .. s_nodes.Select(static name => ClusterObject.Of(new Node { Name = name })),
            ClusterObject.Of(Namespace.Create(Space)),
            ClusterObject.Of(Namespace.Create(Crowd)),
        ];
        objects.AddRange(new[] { PodOf(Space, "server", 0), PodOf(Space, "caller", 1) }.Select(ClusterObject.Of));
        objects.AddRange(
            Enumerable.Range(0, CrowdPods).Select(static i => ClusterObject.Of(PodOf(Crowd, $"app-{i}", i % 2)))
        );
        var manifests = new ObjectSet
        {
            Objects = objects,
            Diagnostics = [],
            IgnoredKinds = new Dictionary<string, int>(),
            ImpliedNamespaces = [],
        };
        return new LiveLab(
            await LabCluster.StartAsync(
                manifests,
                new LabClusterOptions { AgentCommand = NativeAgent.Command, FenceTimeout = s_patience },
                null,
                cancel
            )
        );
    }

    /// <summary>
    /// Brings the number of policies that have nothing to do with the flow to a number, all of them on pods of the two
    /// nodes, and waits until they are in force.
    /// </summary>
    public async Task FillAsync(int others, CancellationToken cancel)
    {
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(_others, others - _others),
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel },
            async (number, stop) => await _client.PostAsync(Collection(Crowd), Json(Other(number)), stop)
        );
        _others = others;
        await _cluster.WaitFencedAsync(cancel);
    }

    /// <summary>Asks for the policy and waits for its effect; then has it taken away, and waits again.</summary>
    public async Task<(LiveChange Made, LiveChange Removed)> ChangeAsync(CancellationToken cancel)
    {
        var policy = Json(
            new NetworkPolicy
            {
                Key = new PolicyKey(Space, "shut"),
                PodSelector = LabelSelector.MatchLabels(("app", "server")),
                IsolatesIngress = true,
            }
        );
        var made = await TimeAsync(false, () => _client.PostAsync(Collection(Space), policy, cancel), cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
        var removed = await TimeAsync(
            true,
            () => _client.ChangeAsync(HttpMethod.Delete, $"{Collection(Space)}/shut", default, cancel),
            cancel
        );
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
        return (made, removed);
    }

    public async ValueTask DisposeAsync()
    {
        _flow.Dispose();
        _client.Dispose();
        await _cluster.DisposeAsync();
    }

    private static string Collection(string space) => $"/apis/networking.k8s.io/v1/namespaces/{space}/networkpolicies";

    private static byte[] Json(NetworkPolicy policy) =>
        System.Text.Encoding.UTF8.GetBytes(ManifestWriter.ToJson(ClusterObject.Of(policy)));

    private static Pod PodOf(string space, string name, int node) =>
        new()
        {
            Key = new PodKey(space, name),
            Labels = LabelSet.Of(("app", name)),
            NodeName = s_nodes[node],
        };

    /// <summary>No two alike: each opens a port of its own of one pod to another.</summary>
    private static NetworkPolicy Other(int number) =>
        new()
        {
            Key = new PolicyKey(Crowd, $"policy-{number}"),
            PodSelector = LabelSelector.MatchLabels(("app", $"app-{number % CrowdPods}")),
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(null, LabelSelector.MatchLabels(("app", $"app-{(number + 1) % CrowdPods}")))],
                    [new PolicyPort(Protocol.Tcp, 10_000 + number, 10_000 + number)]
                ),
            ],
        };

    private async Task<LiveChange> TimeAsync(bool accepted, Func<Task> ask, CancellationToken cancel)
    {
        var changed = _flow.UntilAsync(accepted, s_patience, cancel);
        var began = TimeProvider.System.GetTimestamp();
        await ask();
        var answered = TimeProvider.System.GetElapsedTime(began);
        var at = await changed;
        return at > began
            ? new LiveChange(
                answered.TotalMilliseconds,
                TimeProvider.System.GetElapsedTime(began, at).TotalMilliseconds
            )
            : throw new BenchException("packets were treated otherwise before anybody had asked for it");
    }
}

/// <summary>One change of a policy, in milliseconds from before the request was sent.</summary>
/// <param name="Answered">Until the API server had answered.</param>
/// <param name="Packets">Until packets were treated otherwise.</param>
internal readonly record struct LiveChange(double Answered, double Packets);
