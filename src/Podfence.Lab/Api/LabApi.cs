using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>A lab's API server, with the lab's objects in it and a way to it from every node.</summary>
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

    /// <summary>The server's processes.</summary>
    public ControlPlane ControlPlane => _control;

    /// <summary>For kubectl.</summary>
    public string Kubeconfig => _control.Kubeconfig;

    /// <summary>Starts a server.</summary>
    /// <exception cref="LabException">It cannot be started.</exception>
    public static async Task<LabApi> StartAsync(LabClusterOptions options, CancellationToken cancel) => new(await ControlPlane.StartAsync(cancel), options);

    /// <summary>Makes the agent of a node, which has a way to the server then.</summary>
    public async Task<AgentChild> AgentAsync(string node, NetworkNamespace where, Func<string, string, string, IReadOnlyList<string>> command)
    {
        var server = _options.WayToServer?.Invoke(_control.Address) ?? _control.Address;
        _relays.Add(await ApiRelay.StartAsync(where, _control.Address.Port, server));
        var socket = Path.Combine(_sockets, $"{_relays.Count}.sock");
        return new AgentChild(node, where, command(node, Kubeconfig, socket), socket, _objects, _options.Time);
    }

    /// <summary>Posts changes: namespaces and nodes come first in them.</summary>
    /// <exception cref="LabException">The server refused.</exception>
    public Task PostAsync(IEnumerable<FenceMessage> changes, CancellationToken cancel) => AskAsync(async () =>
    {
        foreach (var change in changes)
        {
            await (change switch
            {
                FenceUpsert upsert => _objects.UpsertAsync(upsert.Item, cancel),
                FenceRemove remove => _objects.RemoveAsync(remove.Reference, cancel),
                _ => Task.CompletedTask,
            });
        }

        return true;
    });

    /// <summary>Writes something of each kind that users change: whoever has heard of it has heard of everything before.</summary>
    /// <exception cref="LabException">The server refused.</exception>
    public Task MarkAsync(CancellationToken cancel) => AskAsync(async () =>
    {
        await _objects.MarkAsync(cancel);
        return true;
    });

    /// <summary>What the server has.</summary>
    /// <exception cref="LabException">It does not answer.</exception>
    public Task<IReadOnlyList<ClusterObject>> ReadAsync(CancellationToken cancel) => AskAsync(() => _objects.ReadAsync(cancel));

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

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (KubeException fault)
        {
            throw new LabException(LabError.ToolFailed, $"the lab's API server: {fault.Message}", fault);
        }
    }
}
