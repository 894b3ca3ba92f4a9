using Microsoft.Extensions.Logging;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>What an agent is told at its start.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>The node whose pods are fenced, by its name in the API.</summary>
    public required string NodeName { get; init; }

    /// <summary>What the dataplane is called in the log.</summary>
    public required string Dataplane { get; init; }

    /// <summary>Settings of the compiler; the defaults where not set.</summary>
    public CompilerOptions Compiler { get; init; } = new();

    /// <summary>The pace of the loop.</summary>
    public ReconcileOptions Reconcile { get; init; } = new();

    /// <summary>The pace of the sources.</summary>
    public ReflectorOptions Reflector { get; init; } = new();

    /// <summary>Where probes and scrapes are answered; nowhere by default.</summary>
    public OperationsEndpoints Endpoints { get; init; } = new(null, null);

    /// <summary>Shortest time between two looks how far the kernel is. 50 ms by default.</summary>
    public TimeSpan PositionInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A loop that was not at work for longer hangs, and a source that is away for longer is not to be relied on. One minute by default.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>The kernel of a node, as an agent uses it.</summary>
/// <param name="Dataplane">Holds the rules.</param>
/// <param name="Connections">The connections that it knows; null where they are not looked after.</param>
/// <param name="Checks">Conditions without which the fence has holes.</param>
public sealed record NodeKernel(IDataplane Dataplane, IConnectionTable? Connections, IReadOnlyList<IHealthCheck> Checks);

/// <summary>
/// The daemon of one node: the API server's objects in, the kernel's rules out, and what there is to say of it on the way. Whatever ends it, the fence stands.
/// </summary>
public sealed class NodeAgent : IDisposable
{
    private readonly NodeAgentOptions _options;
    private readonly KubeClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ReconcileLoop _loop;
    private readonly PolicyEvents _events;
    private readonly AgentMetrics _metrics;
    private readonly ClusterSource _source;
    private readonly SyncTracker _position;
    private readonly OwnNodeWatcher _presence;

    /// <summary>Makes an agent; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="client">Speaks to the API server; not disposed.</param>
    /// <param name="kernel">The node's kernel; not disposed.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="time">The clock; the system's where absent.</param>
    public NodeAgent(NodeAgentOptions options, KubeClient client, NodeKernel kernel, ILogger log, TimeProvider? time = null)
    {
        (_options, _client, _log, _time) = (options, client, log, time ?? TimeProvider.System);
        State = new AgentState(options.NodeName, WatchedKind.All.Select(static kind => kind.Name), () => _loop!.SinceLastStep, options.Patience, _time);
        _presence = new OwnNodeWatcher(options.NodeName, State.NodeKnown);
        _metrics = new AgentMetrics(State, AgentMetrics.ProgramVersion());
        _events = new PolicyEvents(new ApiEventPoster(client, options.NodeName, _time).PostAsync, _metrics, log);
        _position = new SyncTracker(State, (barrier, cancel) => _loop!.PostAsync(barrier, cancel), options.PositionInterval, _time);
        var listener = new ReconcileListener(State, _metrics, _events, _position.Reached, log);
        _loop = new ReconcileLoop(options.NodeName, kernel.Dataplane, listener, kernel.Checks, options.Compiler, options.Reconcile, _time, kernel.Connections);
        _source = new ClusterSource(client, TellAsync, new SourceListener(State, _metrics, _events, _position.Told, log, _time), options.Reflector, _time);
    }

    /// <summary>What it knows of itself.</summary>
    public AgentState State { get; }

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="IOException">The address for probes is taken.</exception>
    /// <exception cref="Exception">A fault of ours: the process is to end with it, and to be started anew.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        _log.Starting(AgentMetrics.ProgramVersion(), _options.NodeName, _options.Dataplane, _client.Access.ToString());
        await using var server = (await OperationsServer.StartAsync(_options.Endpoints, State, AgentMetrics.ProgramVersion(), stop).ConfigureAwait(false)).ConfigureAwait(false);
        _metrics.Begin();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // Not on this thread: what compiles and waits for the kernel is not to keep the sources waiting.
        var loop = Task.Run(() => _loop.RunAsync(end.Token), CancellationToken.None);
        List<Task> running = [loop, _source.RunAsync(end.Token), _events.RunAsync(end.Token), _position.RunAsync(_source.Synced, end.Token)];
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

        // The transaction in progress is finished: the loop looks at its token between two.
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            await first.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the numbers; to be called when <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => _metrics.Dispose();

    private ValueTask TellAsync(ClusterEvent change, CancellationToken cancellationToken)
    {
        _presence.Hear(change);
        return _loop.PostAsync(change, cancellationToken);
    }
}
