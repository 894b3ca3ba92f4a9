using System.Net.Sockets;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A living cluster: network, servers and fences, kept in step with what is desired. A pod gets its link when the fences know it and loses its link before they forget it,
/// so that no packet of a pod that is to be fenced ever passes unfenced.
/// </summary>
public sealed class LabCluster : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly ServerTable _servers = new();
    private readonly Dictionary<PodKey, (PodPlan Plan, List<ServerTable.Lease> Rentals)> _podServers = [];
    private readonly List<NodeProcess> _fences = [];
    private LabApi? _api;
    private readonly LabClusterOptions _options;
    private DesiredObjects _desired = new();
    private Dictionary<ObjectReference, ClusterObject> _told = [];
    private long _barrier;

    private LabCluster(LabClusterOptions options, LabNetwork network)
    {
        _options = options;
        Network = network;
        Prober = new Prober(network, _servers, options.Time);
    }

    /// <summary>The namespaces.</summary>
    public LabNetwork Network { get; }

    /// <summary>Sends packets through the lab.</summary>
    public Prober Prober { get; }


    /// <summary>The fences, for status.</summary>
    internal IReadOnlyList<NodeProcess> Fences => _fences;

    /// <summary>The kubeconfig of the lab's API server; null where it has none.</summary>
    internal string? Kubeconfig => _api?.Kubeconfig;

    /// <summary>The lab's API server; null where it has none.</summary>
    internal ControlPlane? ControlPlane => _api?.ControlPlane;

    /// <summary>The number of the last barrier that fences were given.</summary>
    internal long LastBarrier => _barrier;

    /// <summary>
    /// All objects of the cluster with everything chosen for them: what fences are told and verdicts are to be computed from. Where there is an API server, what it has:
    /// others may have changed it.
    /// </summary>
    /// <exception cref="LabException">The API server does not answer.</exception>
    public async Task<IReadOnlyCollection<ClusterObject>> ReadObjectsAsync(CancellationToken cancel) => _api is null ? _told.Values : await _api.ReadAsync(cancel);

    /// <summary>Makes a cluster and waits until it is fenced and its servers are up.</summary>
    /// <param name="manifests">What it is to hold at first.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancel">Ends the work and takes down what there is.</param>
    /// <exception cref="LabException">It cannot be made as stated, or a fence does not confirm.</exception>
    public static async Task<LabCluster> StartAsync(ObjectSet manifests, LabClusterOptions options, IProgress<string>? progress, CancellationToken cancel)
    {
        var plan = LabPlanner.PlanOrThrow(manifests.Nodes, manifests.Pods, options.Network);
        progress?.Report($"network of {plan.Nodes.Length} nodes ({options.Network.PodNetwork.ToString().ToLowerInvariant()})");
        var cluster = new LabCluster(options, await LabNetwork.CreateAsync(plan with { Pods = plan.Pods.Clear() }, cancel));
        try
        {
            await cluster.StartFencesAsync(plan, progress, cancel);
            progress?.Report($"{plan.Pods.Count} pods");
            await cluster.MoveAsync(cluster._desired.WithFiles(manifests), plan, cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The followed files have been read again.</summary>
    /// <exception cref="LabException">The cluster cannot be as they state; nothing has changed.</exception>
    public Task FollowAsync(ObjectSet manifests, CancellationToken cancel) => ChangeAsync(desired => desired.WithFiles(manifests), cancel);

    /// <summary>Puts objects in, in place of those of the same kind and name, and waits until the fences have them.</summary>
    /// <exception cref="LabException">The cluster cannot be as stated and nothing has changed, or a fence does not confirm.</exception>
    public Task ApplyAsync(IReadOnlyCollection<ClusterObject> items, CancellationToken cancel) => ChangeAsync(desired => desired.WithApplied(items), cancel);

    /// <summary>Takes objects out and waits until the fences have forgotten them. What is not there is passed over.</summary>
    /// <exception cref="LabException">A fence does not confirm.</exception>
    public Task DeleteAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancel) => ChangeAsync(desired => desired.WithDeleted(references), cancel);

    /// <summary>Waits until every fence has confirmed all it was told; with an API server, all that the server has by now, whoever wrote it.</summary>
    /// <exception cref="LabException">One has not in time.</exception>
    public async Task WaitFencedAsync(CancellationToken cancel)
    {
        if (_api is not null)
        {
            await _api.MarkAsync(cancel);
            _barrier++;
            _fences.ForEach(fence => fence.Tell([], _barrier));
        }

        await WaitConfirmedAsync(cancel);
    }

    private async Task WaitConfirmedAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_options.FenceTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            await Task.WhenAll(_fences.Select(fence => fence.WaitAsync(_barrier, either.Token)));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw NotFenced($"not fenced within {_options.FenceTimeout.TotalSeconds:0} s");
        }
        catch (LabException fault) when (fault.Error == LabError.Fence)
        {
            throw NotFenced("not fenced");
        }
    }

    private LabException NotFenced(string what)
    {
        var late = _fences.Where(fence => fence.Applied < _barrier).Select(static fence => $"node {fence.Node}: {fence.LastError ?? "no response"}");
        return new LabException(LabError.Fence, $"{what}\n{string.Join('\n', late)}");
    }

    /// <summary>Ends fences and servers and lets go of the namespaces.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_fences.Select(static fence => fence.DisposeAsync().AsTask()));
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        _servers.Dispose();
        NamespaceProcesses.End(Network.Namespaces);
        await Network.DisposeAsync();
        _one.Dispose();
    }

    private async Task StartFencesAsync(LabPlan plan, IProgress<string>? progress, CancellationToken cancel)
    {
        if (_options.AgentCommand is { } agent)
        {
            progress?.Report("API server");
            _api = await LabApi.StartAsync(_options, cancel);
            foreach (var name in plan.Nodes.Select(static node => node.Object.Name))
            {
                _fences.Add(await _api.AgentAsync(name, Network.Node(name), agent));
            }
        }
        else if (_options.FenceCommand is { } fence)
        {
            _fences.AddRange(plan.Nodes.Select(static node => node.Object.Name).Select(name => new FenceChild(name, Network.Node(name), fence(name), _options.Time)));
        }
    }

    private async Task ChangeAsync(Func<DesiredObjects, DesiredObjects> change, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var desired = change(_desired);
            var all = desired.All().Values;
            var nodes = all.Where(static item => item.Node is not null).Select(static item => item.Node!);
            var pods = all.Where(static item => item.Pod is not null).Select(static item => item.Pod!);
            await MoveAsync(desired, LabPlanner.PlanOrThrow(nodes, pods, _options.Network, Network.Plan), cancel);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task MoveAsync(DesiredObjects desired, LabPlan plan, CancellationToken cancel)
    {
        _desired = desired;
        StopServers(plan);
        await Network.UnplugAsync(plan, cancel);
        await TellFencesAsync(Complete(desired, plan), cancel);
        await Network.PlugAsync(plan, cancel);
        await StartServersAsync(plan);
    }

    private async Task TellFencesAsync(Dictionary<ObjectReference, ClusterObject> objects, CancellationToken cancel)
    {
        List<FenceMessage> changes =
        [
            .. objects.Where(pair => !_told.TryGetValue(pair.Key, out var old) || old != pair.Value).Select(static pair => new FenceUpsert(pair.Value)),
            .. _told.Keys.Where(key => !objects.ContainsKey(key)).Select(static key => new FenceRemove(key)),
        ];
        _told = objects;
        _barrier++;
        if (_api is not null)
        {
            await _api.PostAsync(changes, cancel);
        }

        foreach (var fence in _fences)
        {
            fence.Tell(changes, _barrier);
            fence.EnsureStarted();
        }

        await WaitConfirmedAsync(cancel);
    }

    /// <summary>The objects with what the plan chose, namespaces and nodes first.</summary>
    private static Dictionary<ObjectReference, ClusterObject> Complete(DesiredObjects desired, LabPlan plan)
    {
        var objects = new Dictionary<ObjectReference, ClusterObject>();
        var all = desired.All().Values;
        foreach (var item in all.Where(static item => item.Namespace is not null)
            .Concat(plan.Nodes.Select(static node => ClusterObject.Of(node.Object)))
            .Concat(plan.Pods.Values.Select(static pod => ClusterObject.Of(pod.Object)))
            .Concat(all.Where(static item => item.Policy is not null)))
        {
            objects[item.Reference] = item;
        }

        return objects;
    }

    private void StopServers(LabPlan next)
    {
        foreach (var (key, (plan, rentals)) in _podServers.ToList())
        {
            if (next.Pods.GetValueOrDefault(key) is not { } now || !now.SameLink(plan) || now.Object.Ports != plan.Object.Ports)
            {
                rentals.ForEach(static rental => rental.Dispose());
                _podServers.Remove(key);
            }
        }
    }

    private async Task StartServersAsync(LabPlan plan)
    {
        foreach (var pod in plan.Pods.Values.Where(pod => !pod.Object.Finished && !_podServers.ContainsKey(pod.Object.Key)))
        {
            var home = Network.Pod(pod.Object.Key);
            var name = pod.Object.HostNetwork ? LabEnd.NodeText(pod.Object.NodeName!) : pod.Object.Key.ToString();
            var wanted =
                from port in pod.Object.Ports.Select(static port => port.Number).Distinct()
                from address in pod.Object.Addresses
                from protocol in (ProtocolType[])[ProtocolType.Tcp, ProtocolType.Udp]
                select _servers.RentAsync(home, name, address.ToSystem(), port, protocol);
            _podServers[pod.Object.Key] = (pod, [.. await Task.WhenAll(wanted)]);
        }
    }
}

/// <summary>How a cluster is made.</summary>
public sealed record LabClusterOptions
{
    /// <summary>The network's choices.</summary>
    public LabNetworkOptions Network { get; init; } = new();

    /// <summary>The command line of the fence of a node, program first; it has to keep <see cref="FenceMessage"/>'s protocol. Null: no fences, every flow is open.</summary>
    public Func<string, IReadOnlyList<string>>? FenceCommand { get; init; }

    /// <summary>
    /// The command line of an agent, by its node's name, the kubeconfig to take and the socket to answer on. Where it is given, the lab has an API server, and agents in place of
    /// fences that are told by the lab. Null by default.
    /// </summary>
    public Func<string, string, string, IReadOnlyList<string>>? AgentCommand { get; init; }

    /// <summary>Where nodes find the API server, for tests that put something between; itself by default.</summary>
    internal Func<System.Net.IPEndPoint, System.Net.IPEndPoint>? WayToServer { get; init; }

    /// <summary>How long fences may take to confirm. Default: 20 seconds.</summary>
    public TimeSpan FenceTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
