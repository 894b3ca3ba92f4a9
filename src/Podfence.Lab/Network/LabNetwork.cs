using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The namespaces of a lab: a fabric, an external host, the nodes and their pods. They end with
/// <see cref="DisposeAsync"/> or with the process, however it ends. Not thread-safe.
/// </summary>
public sealed class LabNetwork : IAsyncDisposable
{
    // iproute2 processes at a time.
    private const int Parallel = 4;

    private readonly Dictionary<string, NetworkNamespace> _nodes = [];
    private readonly Dictionary<PodKey, NetworkNamespace> _pods = [];
    private readonly NetworkNamespace _fabric;

    private LabNetwork(LabPlan plan)
    {
        Plan = plan with { Pods = plan.Pods.Clear() };
        try
        {
            _fabric = NetworkNamespace.Create("fabric");
            External = NetworkNamespace.Create("external");
            foreach (var node in plan.Nodes)
            {
                _nodes[node.Object.Name] = NetworkNamespace.Create($"node {node.Object.Name}");
            }
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>The plan that is realized.</summary>
    public LabPlan Plan { get; private set; }

    /// <summary>The host that has every address which no node and no pod has.</summary>
    public NetworkNamespace External { get; }

    /// <summary>Creates and connects the namespaces of a plan.</summary>
    /// <exception cref="LabException">The process lacks the privilege, or iproute2 is missing or failed.</exception>
    public static async Task<LabNetwork> CreateAsync(LabPlan plan, CancellationToken cancel)
    {
        var network = new LabNetwork(plan);
        try
        {
            await network.BuildAsync(plan, cancel);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>A node's namespace.</summary>
    /// <exception cref="LabException">The node is unknown.</exception>
    public NetworkNamespace Node(string name) =>
        _nodes.GetValueOrDefault(name)
        ?? throw new LabException(
            LabError.NoSuchEndpoint,
            $"unknown node '{name}'; known nodes: {string.Join(", ", _nodes.Keys.Order(StringComparer.Ordinal))}"
        );

    /// <summary>A pod's namespace; for a host-network pod, that of its node.</summary>
    /// <exception cref="LabException">The pod is unknown, or has terminated.</exception>
    public NetworkNamespace Pod(PodKey key)
    {
        var pod = Plan.Pods.GetValueOrDefault(key)
            ?? throw new LabException(LabError.NoSuchEndpoint, $"unknown pod '{key}'");
        return pod.Object.Finished
                ? throw new LabException(
                    LabError.NoSuchEndpoint,
                    $"pod '{key}' has ended (phase {pod.Object.Phase}): it has no network"
                )
            : pod.Object.HostNetwork ? Node(pod.Object.NodeName!)
            : _pods[key];
    }

    /// <summary>All namespaces, including the fabric.</summary>
    public IEnumerable<NetworkNamespace> Namespaces => [_fabric, External, .. _nodes.Values, .. _pods.Values];

    /// <summary>
    /// Disconnects removed pods and connects new ones; pods whose link does not change are not touched.
    /// </summary>
    /// <param name="next">A plan that was made from <see cref="Plan"/>.</param>
    /// <param name="cancel">Stops half-way; the lab can then only be disposed.</param>
    /// <exception cref="LabException">iproute2 failed.</exception>
    public async Task ApplyAsync(LabPlan next, CancellationToken cancel)
    {
        await UnplugAsync(next, cancel);
        await PlugAsync(next, cancel);
    }

    /// <summary>
    /// The first half of <see cref="ApplyAsync"/>: removes links that the next plan lacks or changes.
    /// </summary>
    internal async Task UnplugAsync(LabPlan next, CancellationToken cancel)
    {
        var gone = Plan
            .Pods.Values.Where(pod =>
                pod.IsConnected && next.Pods.GetValueOrDefault(pod.Object.Key)?.SameLink(pod) != true
            )
            .ToList();
        await DisconnectAsync(gone, cancel);
        Plan = Plan with { Pods = Plan.Pods.RemoveRange(gone.Select(static pod => pod.Object.Key)) };
    }

    /// <summary>The second half of <see cref="ApplyAsync"/>: creates missing links.</summary>
    internal async Task PlugAsync(LabPlan next, CancellationToken cancel)
    {
        var come = next.Pods.Values.Where(pod => pod.IsConnected && !_pods.ContainsKey(pod.Object.Key)).ToList();
        Plan = next;
        await ConnectAsync(come, cancel);
    }

    /// <summary>Closes all namespaces.</summary>
    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    private void Release()
    {
        foreach (var held in (IEnumerable<NetworkNamespace?>)[_fabric, External, .. _nodes.Values, .. _pods.Values])
        {
            held?.Dispose();
        }

        _nodes.Clear();
        _pods.Clear();
    }

    private async Task BuildAsync(LabPlan plan, CancellationToken cancel)
    {
        _fabric.Configure(Sysctls.Fabric);
        External.Configure(Sysctls.External);
        foreach (var node in _nodes.Values)
        {
            node.Configure(Sysctls.Node(plan.Options));
        }

        await IpTool.RunAsync(
            _fabric,
            FabricScript.Fabric(plan, node => node is null ? External.Path : Node(node.Object.Name).Path),
            cancel
        );
        await Task.WhenAll([
            BuildExternalAsync(plan, cancel),
            .. plan.Nodes.Select(node => BuildNodeAsync(plan, node, cancel)),
        ]);
        await SettleAsync([_fabric, External], cancel);
        Plan = plan;
        await ConnectAsync([.. plan.Pods.Values.Where(static pod => pod.IsConnected)], cancel);
    }

    /// <summary>Waits for both ends of each new link, pods before nodes.</summary>
    private Task SettleAsync(IEnumerable<NetworkNamespace> changed, CancellationToken cancel) =>
        Task.WhenAll(changed.Concat(_nodes.Values).Select(home => LinkState.SettleAsync(home, cancel)));

    private async Task BuildExternalAsync(LabPlan plan, CancellationToken cancel)
    {
        await IpTool.RunAsync(External, FabricScript.External(plan), cancel);
        foreach (var family in IpFamilies.All)
        {
            await IpTool.RunAsync(External, family, FabricScript.Everywhere(family), cancel);
        }
    }

    private async Task BuildNodeAsync(LabPlan plan, NodePlan node, CancellationToken cancel)
    {
        await IpTool.RunAsync(Node(node.Object.Name), NodeScript.Base(plan, node), cancel);
        Node(node.Object.Name).Configure(Sysctls.NeighbourProxy);
        await IpTool.RunBridgeAsync(Node(node.Object.Name), NodeScript.Forwarding(plan, node), cancel);
    }

    private async Task ConnectAsync(List<PodPlan> pods, CancellationToken cancel)
    {
        if (pods.Count == 0)
        {
            return;
        }

        foreach (var pod in pods)
        {
            var home = NetworkNamespace.Create($"pod {pod.Object.Key}");
            _pods[pod.Object.Key] = home;
            home.Configure(Sysctls.Pod);
        }

        await Task.WhenAll([
            IpTool.RunAsync(External, [.. FabricScript.ExternalRoutes("add", Plan, pods)], cancel),
            .. Plan.Nodes.Select(node => IpTool.RunAsync(Node(node.Object.Name), [.. Links(node)], cancel)),
        ]);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
        await System.Threading.Tasks.Parallel.ForEachAsync(pods, options, async (pod, token) =>
            await IpTool.RunAsync(_pods[pod.Object.Key], PodScript.Configure(Plan, Plan.NodeOf(pod), pod), token)
        );

        await SettleAsync(pods.Select(pod => _pods[pod.Object.Key]), cancel);

        IEnumerable<string> Links(NodePlan node) =>
            pods.SelectMany(pod =>
                pod.Object.NodeName == node.Object.Name
                    ? NodeScript.Connect(Plan, node, pod, _pods[pod.Object.Key].Path)
                    : NodeScript.StrayRoutes("add", Plan, node, pod)
            );
    }

    private async Task DisconnectAsync(List<PodPlan> pods, CancellationToken cancel)
    {
        if (pods.Count == 0)
        {
            return;
        }

        await Task.WhenAll([
            IpTool.RunAsync(External, [.. FabricScript.ExternalRoutes("del", Plan, pods)], cancel),
            .. Plan.Nodes.Select(node => IpTool.RunAsync(Node(node.Object.Name), [.. Links(node)], cancel)),
        ]);
        foreach (var pod in pods)
        {
            _pods.Remove(pod.Object.Key, out var home);
            home?.Dispose();
        }

        IEnumerable<string> Links(NodePlan node) =>
            pods.SelectMany(pod =>
                pod.Object.NodeName == node.Object.Name
                    ? NodeScript.Disconnect(Plan, pod)
                    : NodeScript.StrayRoutes("del", Plan, node, pod)
            );
    }
}
