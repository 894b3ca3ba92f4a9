using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>A lab's API server with the lab's objects, reachable from every node.</summary>
internal sealed class LabApi : IAsyncDisposable
{
    private readonly ControlPlane _control;
    private readonly LabClusterOptions _options;
    private readonly KubeClient _client;
    private readonly ApiObjects _objects;
    private readonly List<ApiRelay> _relays = [];
    private readonly string _sockets = Directory.CreateTempSubdirectory("podfence-agents-").FullName;

    private LabApi(ControlPlane control, LabClusterOptions options)
    {
        (_control, _options) = (control, options);
        _client = new KubeClient(ClusterAccess.Load(new AccessOptions { Kubeconfig = control.Kubeconfig }));
        _objects = new ApiObjects(_client);
    }

    public ControlPlane ControlPlane => _control;

    public string Kubeconfig => _control.Kubeconfig;

    /// <exception cref="LabException">The server cannot be started.</exception>
    public static async Task<LabApi> StartAsync(LabClusterOptions options, CancellationToken cancel) =>
        new(await ControlPlane.StartAsync(cancel), options);

    /// <summary>Creates the agent of a node and gives the node access to the server.</summary>
    public async Task<AgentChild> AgentAsync(
        string node,
        NetworkNamespace where,
        Func<string, string, string, IReadOnlyList<string>> command
    )
    {
        var server = _options.ProxyServer?.Invoke(_control.Address) ?? _control.Address;
        _relays.Add(await ApiRelay.StartAsync(where, _control.Address.Port, server));
        var socket = Path.Combine(_sockets, $"{_relays.Count}.sock");
        return new AgentChild(node, where, command(node, Kubeconfig, socket), socket, _objects, _options.Time);
    }

    /// <summary>Writes changes, in which namespaces and nodes must come first.</summary>
    /// <exception cref="LabException">The server rejected one.</exception>
    public Task PostAsync(IEnumerable<FenceMessage> changes, CancellationToken cancel) =>
        CallAsync(async () =>
        {
            foreach (var change in changes)
            {
                await (
                    change switch
                    {
                        FenceUpsert upsert => _objects.UpsertAsync(upsert.Item, cancel),
                        FenceRemove remove => _objects.RemoveAsync(remove.Reference, cancel),
                        _ => Task.CompletedTask,
                    }
                );
            }

            return true;
        });

    /// <summary>
    /// Writes a marker object of each kind: an agent that has received it has received every earlier change.
    /// </summary>
    /// <exception cref="LabException">The server rejected one.</exception>
    public Task MarkAsync(CancellationToken cancel) =>
        CallAsync(async () =>
        {
            await _objects.MarkAsync(cancel);
            return true;
        });

    /// <summary>The current objects.</summary>
    /// <exception cref="LabException">The server does not respond.</exception>
    public Task<IReadOnlyList<ClusterObject>> ReadAsync(CancellationToken cancel) =>
        CallAsync(() => _objects.ReadAsync(cancel));

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }

        _client.Dispose();
        await _control.DisposeAsync();
        Directory.Delete(_sockets, recursive: true);
    }

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (KubeException fault)
        {
            throw new LabException(LabError.ToolFailed, $"the lab's API server: {fault.Message}", fault);
        }
    }
}
