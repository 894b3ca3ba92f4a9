using Microsoft.Extensions.Logging;
using Podfence.Dataplane;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>The kernel of a node, as an agent uses it.</summary>
/// <param name="Dataplane">The packet filter.</param>
/// <param name="Connections">The connection table; null if connections are not swept.</param>
/// <param name="Checks">Health checks of the node.</param>
public sealed record NodeKernel(IDataplane Dataplane, IConnectionTable? Connections, IReadOnlyList<HealthCheck> Checks);

/// <summary>
/// The daemon of one node: the API server's objects in, the kernel's rules out; with its log, metrics and probes.
/// However it ends, the rules stay in place.
/// </summary>
public sealed class NodeAgent : IDisposable
{
    private readonly NodeAgentOptions _options;
    private readonly KubeClient _client;
    private readonly ILogger _log;
    private readonly ReconcileLoop _loop;
    private readonly PolicyEvents _events;
    private readonly AgentMetrics _metrics;
    private readonly ClusterSource _source;
    private readonly SyncTracker _sync;
    private readonly OwnNodeWatcher _ownNode;

    /// <summary>Makes an agent; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="client">The API client; not disposed.</param>
    /// <param name="kernel">The node's kernel; not disposed.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="time">The clock; the system's if null.</param>
    public NodeAgent(
        NodeAgentOptions options,
        KubeClient client,
        NodeKernel kernel,
        ILogger log,
        TimeProvider? time = null
    )
    {
        (_options, _client, _log) = (options, client, log);
        time ??= TimeProvider.System;
        var node = options.NodeName;
        State = new AgentState(node, WatchedKind.All.Select(static kind => kind.Name), options.StallTimeout, time);
        _ownNode = new OwnNodeWatcher(node, State.NodeKnown);
        _metrics = new AgentMetrics(State, AgentMetrics.ProgramVersion());
        _events = new PolicyEvents(new ApiEventPoster(client, node, time).PostAsync, _metrics, log);
        _sync = new SyncTracker(State, options.SyncInterval, time);
        _loop = new ReconcileLoop(
            node,
            kernel.Dataplane,
            new ReconcileListener(State, _metrics, _events, _sync, log),
            kernel.Checks,
            options.Compiler,
            options.Reconcile,
            time,
            kernel.Connections
        );
        var listener = new SourceListener(State, _metrics, _events, _sync, log, time);
        _source = new ClusterSource(client, EmitAsync, listener, options.Reflector, time);
    }

    /// <summary>The agent's state, for probes and metrics.</summary>
    public AgentState State { get; }

    /// <summary>Runs until stopped.</summary>
    /// <exception cref="IOException">The address for probes is in use.</exception>
    /// <exception cref="Exception">A bug: the process has to end with it, and to be restarted.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var version = AgentMetrics.ProgramVersion();
        _log.Starting(version, _options.NodeName, _options.Dataplane, _client.Access.ToString());
        var server = await OperationsServer.StartAsync(_options.Endpoints, State, version, stop).ConfigureAwait(false);
        await using var disposal = server.ConfigureAwait(false);
        _metrics.Begin();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // Not on this thread: compiling, and waiting for the kernel, must not delay the sources.
        var loop = Task.Run(() => _loop.RunAsync(end.Token), CancellationToken.None);
        List<Task> running =
        [
            loop,
            _source.RunAsync(end.Token),
            _events.RunAsync(end.Token),
            _sync.RunAsync(_loop.PostAsync, _source.Synced, end.Token),
        ];
        var first = await Task.WhenAny(running).ConfigureAwait(false);
        while (!stop.IsCancellationRequested && first.IsCompletedSuccessfully)
        {
            running.Remove(first);
            first = await Task.WhenAny(running).ConfigureAwait(false);
        }

        if (stop.IsCancellationRequested)
        {
            _log.Stopping();
        }
        else
        {
            State.Ended(first.Exception?.InnerException?.Message ?? "ended");
            _log.Ended(first.Exception?.InnerException);
        }

        await end.CancelAsync().ConfigureAwait(false);

        // The transaction in progress completes: the loop checks for cancellation between two.
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            await first.ConfigureAwait(false);
        }
    }

    /// <summary>Disposes of the metrics; to be called when <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => _metrics.Dispose();

    private ValueTask EmitAsync(ClusterEvent change, CancellationToken cancellationToken)
    {
        _ownNode.Observe(change);
        return _loop.PostAsync(change, cancellationToken);
    }
}
