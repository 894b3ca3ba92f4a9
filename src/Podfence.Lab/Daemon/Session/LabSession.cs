using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>A running lab: serves the control socket and watches the manifests.</summary>
internal sealed class LabSession : IAsyncDisposable
{
    private readonly LabDaemonOptions _options;
    private readonly LabCluster _cluster;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly ManifestWatch _watch;
    private readonly List<Task> _replies = [];
    private readonly FollowedManifests _source;
    private ObjectSet _followed;
    private string? _followError;

    public LabSession(
        LabDaemonOptions options,
        LabCluster cluster,
        FollowedManifests source,
        ObjectSet followed,
        CancellationTokenSource stop
    )
    {
        _options = options;
        _cluster = cluster;
        _source = source;
        _followed = followed;
        _stop = stop;
        _watch = new ManifestWatch(options.Paths, () => _changes.Writer.TryWrite(true), options.Cluster.Time);
        // Changes during the start of the lab were not watched.
        _changes.Writer.TryWrite(true);
    }

    /// <summary>Called when the lab is removed: sends the last responses.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        await Task.WhenAll(_replies);
    }

    public LabStatus Status()
    {
        var plan = _cluster.Network.Plan;
        var fences = _cluster.Fences.ToDictionary(static fence => fence.Node);
        string[] errors =
        [
            .. _followError is null ? [] : (string[])[_followError],
            .. _cluster
                .Fences.Where(static fence => fence.LastError is not null)
                .Select(static fence => $"node {fence.Node}: {fence.LastError}"),
        ];
        return new LabStatus
        {
            Name = _options.Name,
            ProcessId = Environment.ProcessId,
            PodNetwork = plan.Options.PodNetwork.ToString().ToLowerInvariant(),
            Settings = _options.Settings,
            Kubeconfig = _cluster.Kubeconfig,
            Follows = _options.Paths,
            SyncPoint = _cluster.LastSyncPoint,
            IsFenced =
                _cluster.Fences.Count > 0 && _cluster.Fences.All(fence => fence.Applied >= _cluster.LastSyncPoint),
            Errors = errors,
            Nodes = [.. plan.Nodes.Select(node => Describe(node.Object, fences.GetValueOrDefault(node.Object.Name)))],
            Pods = [.. plan.Pods.Values.Select(static pod => Describe(pod.Object))],
        };
    }

    public async Task ServeAsync(Socket listener)
    {
        var following = FollowAsync();
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync(_stop.Token);
                _replies.RemoveAll(static task => task.IsCompleted);
                _replies.Add(ServeConnectionAsync(connection));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped by a signal or by the verb.
        }

        _watch.Dispose();
        await following;
    }

    private static NodeStatus Describe(Node node, NodeProcess? fence) =>
        new(
            node.Name,
            [.. node.Addresses.Select(static address => address.ToString())],
            [.. node.PodCidrs.Select(static cidr => cidr.ToString())],
            fence?.ProcessId,
            fence?.Restarts ?? 0,
            fence?.Applied ?? -1
        );

    private static PodStatus Describe(Pod pod) =>
        new(
            pod.Key.ToString(),
            pod.NodeName!,
            [.. pod.Addresses.Select(static address => address.ToString())],
            pod.Phase.ToString(),
            pod.HostNetwork,
            [.. pod.Ports.Select(static port => port.Number).Distinct().Order()]
        );

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(_stop.Token))
            {
                try
                {
                    var manifests = _source.Read();
                    if (!manifests.Objects.SequenceEqual(_followed.Objects))
                    {
                        await _cluster.FollowAsync(manifests, _stop.Token);
                        _followed = manifests;
                    }

                    _followError = null;
                }
                catch (LabException fault)
                {
                    _followError = fault.Message;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lab ends.
        }
    }

    private async Task ServeConnectionAsync(Socket connection)
    {
        using (connection)
        {
            await using var stream = new NetworkStream(connection);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            try
            {
                if (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    await SendAsync(stream, await ReplyAsync(line));
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client disconnected, or the lab ends.
            }
        }
    }

    private static async Task SendAsync(NetworkStream stream, ControlReply reply) =>
        await stream.WriteAsync(
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(reply, ControlJson.Default.ControlReply) + "\n")
        );

    private async Task<ControlReply> ReplyAsync(string line)
    {
        try
        {
            return await ExecuteAsync(JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest)!);
        }
        catch (LabException fault)
        {
            return new ControlReply { Error = fault.Message, ErrorKind = fault.Error.ToString() };
        }
        catch (JsonException fault)
        {
            return new ControlReply
            {
                Error = $"not a valid request: {fault.Message}",
                ErrorKind = nameof(LabError.Protocol),
            };
        }
#pragma warning disable CA1031 // last resort of a connection: the client gets an error, and the lab continues
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new ControlReply
            {
                Error = $"{fault.Message} ({fault.GetType().Name})",
                ErrorKind = nameof(LabError.Protocol),
            };
        }
    }

    private async Task<ControlReply> ExecuteAsync(ControlRequest request)
    {
        switch (request.Verb)
        {
            case "status":
                return new ControlReply { Status = Status() };
            case "objects":
                return new ControlReply
                {
                    Objects = [.. (await _cluster.ReadObjectsAsync(_stop.Token)).Select(ObjectCodec.Write)],
                };
            case "apply":
                await _cluster.ApplyAsync([.. (request.Objects ?? []).Select(ObjectCodec.Read)], _stop.Token);
                return new ControlReply();
            case "delete":
                await _cluster.DeleteAsync(
                    [
                        .. (request.References ?? []).Select(static item => new ObjectReference(
                            item.Kind,
                            item.Namespace,
                            item.Name
                        )),
                    ],
                    _stop.Token
                );
                return new ControlReply();
            case "fenced":
                await _cluster.WaitFencedAsync(_stop.Token);
                return new ControlReply();
            case "probe":
                return await ProbeAsync(request);
            case "exec":
                return new ControlReply { NamespacePath = Find(request.Target ?? "").Path };
            case "down":
                await _stop.CancelAsync();
                await _disposed.Task;
                return new ControlReply();
            default:
                throw new LabException(
                    LabError.Protocol,
                    $"unknown verb '{request.Verb}': the lab was started by another version of podfence"
                );
        }
    }

    private async Task<ControlReply> ProbeAsync(ControlRequest request)
    {
        var defaults = new ProbeOptions();
        var options = request.TimeoutMilliseconds switch
        {
            null => defaults,
            > 0 and var limit => defaults with { Timeout = TimeSpan.FromMilliseconds(limit) },
            var limit => throw new LabException(LabError.Protocol, $"{limit} ms is not a valid timeout"),
        };
        var results = await _cluster.Prober.ProbeAsync(
            [.. (request.Flows ?? []).Select(FlowCodec.Read)],
            options,
            _stop.Token
        );
        return new ControlReply { Results = [.. results.Select(FlowCodec.Write)] };
    }

    private NetworkNamespace Find(string target) =>
        target == "external"
            ? _cluster.Network.External
            : LabEndpoint.Parse(target) switch
            {
                PodEndpoint pod => _cluster.Network.Pod(pod.Key),
                NodeEndpoint node => _cluster.Network.Node(node.Name),
                _ => _cluster.Network.External,
            };
}
