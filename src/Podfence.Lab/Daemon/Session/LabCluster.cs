using System.Net.Sockets;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A running cluster: network, servers and node processes, reconciled with the desired objects. A pod is connected
/// after the nodes have its rules and disconnected before they remove them, so that none of its packets bypasses a
/// policy.
/// </summary>
public sealed class LabCluster : IAsyncDisposable
{
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ServerTable _servers = new();
    private readonly Dictionary<PodKey, (PodPlan Plan, List<ServerTable.Lease> Servers)> _podServers = [];
    private readonly List<NodeProcess> _fences = [];
    private LabApi? _api;
    private readonly LabClusterOptions _options;
    private DesiredObjects _desired = new();
    private Dictionary<ObjectReference, ClusterObject> _sent = [];
    private long _syncPoint;

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

    internal IReadOnlyList<NodeProcess> Fences => _fences;

    /// <summary>The kubeconfig of the lab's API server; null without one.</summary>
    internal string? Kubeconfig => _api?.Kubeconfig;

    /// <summary>The lab's API server; null without one.</summary>
    internal ControlPlane? ControlPlane => _api?.ControlPlane;

    /// <summary>The last sync point that was sent to the nodes.</summary>
    internal long LastSyncPoint => _syncPoint;

    /// <summary>
    /// All objects of the cluster, including assigned nodes and addresses: those that the nodes receive and verdicts
    /// are computed from. With an API server, its current objects, which users may have changed.
    /// </summary>
    /// <exception cref="LabException">The API server does not respond.</exception>
    public async Task<IReadOnlyCollection<ClusterObject>> ReadObjectsAsync(CancellationToken cancel) =>
        _api is null ? _sent.Values : await _api.ReadAsync(cancel);

    /// <summary>Creates a cluster and waits until its rules are in place and its servers are up.</summary>
    /// <param name="manifests">Its initial objects.</param>
    /// <param name="options">How it is created.</param>
    /// <param name="progress">Receives the current step.</param>
    /// <param name="cancel">Stops the start and removes everything.</param>
    /// <exception cref="LabException">The cluster cannot be created as defined, or a node does not confirm.</exception>
    public static async Task<LabCluster> StartAsync(
        ObjectSet manifests,
        LabClusterOptions options,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        var plan = LabPlanner.PlanOrThrow(manifests.Nodes, manifests.Pods, options.Network);
        progress?.Report(
            $"network of {plan.Nodes.Length} nodes ({options.Network.PodNetwork.ToString().ToLowerInvariant()})"
        );
        var cluster = new LabCluster(
            options,
            await LabNetwork.CreateAsync(plan with { Pods = plan.Pods.Clear() }, cancel)
        );
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

    /// <summary>Applies a new content of the watched files.</summary>
    /// <exception cref="LabException">The cluster cannot be as defined; nothing has changed.</exception>
    public Task FollowAsync(ObjectSet manifests, CancellationToken cancel) =>
        ChangeAsync(desired => desired.WithFiles(manifests), cancel);

    /// <summary>Creates or replaces objects and waits until the rules are in place.</summary>
    /// <exception cref="LabException">
    /// The cluster cannot be as defined and nothing has changed, or a node does not confirm.
    /// </exception>
    public Task ApplyAsync(IReadOnlyCollection<ClusterObject> items, CancellationToken cancel) =>
        ChangeAsync(desired => desired.WithApplied(items), cancel);

    /// <summary>Deletes objects and waits until the rules are in place. Unknown objects are ignored.</summary>
    /// <exception cref="LabException">A node does not confirm.</exception>
    public Task DeleteAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancel) =>
        ChangeAsync(desired => desired.WithDeleted(references), cancel);

    /// <summary>
    /// Waits until every node has confirmed all changes; with an API server, all changes of any client.
    /// </summary>
    /// <exception cref="LabException">A node did not confirm in time.</exception>
    public async Task WaitFencedAsync(CancellationToken cancel)
    {
        if (_api is not null)
        {
            await _api.MarkAsync(cancel);
            _syncPoint++;
            _fences.ForEach(fence => fence.Send([], _syncPoint));
        }

        await WaitConfirmedAsync(cancel);
    }

    private async Task WaitConfirmedAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_options.FenceTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            await Task.WhenAll(_fences.Select(fence => fence.WaitAsync(_syncPoint, either.Token)));
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
        var late = _fences
            .Where(fence => fence.Applied < _syncPoint)
            .Select(static fence => $"node {fence.Node}: {fence.LastError ?? "no response"}");
        return new LabException(LabError.Fence, $"{what}\n{string.Join('\n', late)}");
    }

    /// <summary>Stops node processes and servers and removes the namespaces.</summary>
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
        _changing.Dispose();
    }

    private async Task StartFencesAsync(LabPlan plan, IProgress<string>? progress, CancellationToken cancel)
    {
        if (_options.HasApiServer || _options.AgentCommand is not null)
        {
            progress?.Report("API server");
            _api = await LabApi.StartAsync(_options, cancel);
        }

        foreach (var name in plan.Nodes.Select(static node => node.Object.Name))
        {
            if (_api is not null && _options.AgentCommand is { } agent)
            {
                _fences.Add(await _api.AgentAsync(name, Network.Node(name), agent));
            }
            else if (_api is null && _options.FenceCommand is { } fence)
            {
                _fences.Add(new FenceChild(name, Network.Node(name), fence(name), _options.Time));
            }
        }
    }

    private async Task ChangeAsync(Func<DesiredObjects, DesiredObjects> change, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
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
            _changing.Release();
        }
    }

    private async Task MoveAsync(DesiredObjects desired, LabPlan plan, CancellationToken cancel)
    {
        _desired = desired;
        StopServers(plan);
        await Network.UnplugAsync(plan, cancel);
        await SendChangesAsync(Complete(desired, plan), cancel);
        await Network.PlugAsync(plan, cancel);
        await StartServersAsync(plan);
    }

    private async Task SendChangesAsync(Dictionary<ObjectReference, ClusterObject> objects, CancellationToken cancel)
    {
        List<FenceMessage> changes =
        [
            .. objects
                .Where(pair => !_sent.TryGetValue(pair.Key, out var old) || old != pair.Value)
                .Select(static pair => new FenceUpsert(pair.Value)),
            .. _sent.Keys.Where(key => !objects.ContainsKey(key)).Select(static key => new FenceRemove(key)),
        ];
        _sent = objects;
        _syncPoint++;
        if (_api is not null)
        {
            await _api.PostAsync(changes, cancel);
        }

        foreach (var fence in _fences)
        {
            fence.Send(changes, _syncPoint);
            fence.EnsureStarted();
        }

        await WaitConfirmedAsync(cancel);
    }

    /// <summary>The objects with assigned nodes and addresses; namespaces and nodes come first.</summary>
    private static Dictionary<ObjectReference, ClusterObject> Complete(DesiredObjects desired, LabPlan plan)
    {
        var objects = new Dictionary<ObjectReference, ClusterObject>();
        var all = desired.All().Values;
        foreach (
            var item in all.Where(static item => item.Namespace is not null)
                .Concat(plan.Nodes.Select(static node => ClusterObject.Of(node.Object)))
                .Concat(plan.Pods.Values.Select(static pod => ClusterObject.Of(pod.Object)))
                .Concat(all.Where(static item => item.Policy is not null))
        )
        {
            objects[item.Reference] = item;
        }

        return objects;
    }

    private void StopServers(LabPlan next)
    {
        foreach (var (key, (plan, leases)) in _podServers.ToList())
        {
            if (
                next.Pods.GetValueOrDefault(key) is not { } now
                || !now.SameLink(plan)
                || now.Object.Ports != plan.Object.Ports
            )
            {
                leases.ForEach(static lease => lease.Dispose());
                _podServers.Remove(key);
            }
        }
    }

    private async Task StartServersAsync(LabPlan plan)
    {
        foreach (
            var pod in plan.Pods.Values.Where(pod => !pod.Object.Finished && !_podServers.ContainsKey(pod.Object.Key))
        )
        {
            var home = Network.Pod(pod.Object.Key);
            var name = pod.Object.HostNetwork ? LabEndpoint.NodeText(pod.Object.NodeName!) : pod.Object.Key.ToString();
            var wanted =
                from port in pod.Object.Ports.Select(static port => port.Number).Distinct()
                from address in pod.Object.Addresses
                from protocol in (ProtocolType[])[ProtocolType.Tcp, ProtocolType.Udp]
                select _servers.AcquireAsync(home, name, address.ToSystem(), port, protocol);
            _podServers[pod.Object.Key] = (pod, [.. await Task.WhenAll(wanted)]);
        }
    }
}
