using System.Threading.Channels;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Keeps one node's kernel equal to the cluster's state: events in, one transaction out for all that have arrived.
/// Nothing is written before the first sync point. A failure leaves the kernel unchanged, and the next try replaces
/// everything. However the loop ends, the rules stay in place. The contract is in docs/design/agent.md.
/// </summary>
public sealed class ReconcileLoop
{
    // A timer takes 49 days at most.
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromDays(1);
    private readonly Reconciler _reconciler;
    private readonly IReconcileListener _listener;
    private readonly ReconcileOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<LoopItem> _queue;
    private Task<bool>? _arrival;
    private int _started;

    /// <summary>Makes a loop; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="nodeName">The node whose pods are fenced.</param>
    /// <param name="dataplane">The node's kernel; used by the loop's thread only, and not disposed.</param>
    /// <param name="listener">Observes the loop.</param>
    /// <param name="checks">Health checks; run before each sync point is reported, and at each drift check.</param>
    /// <param name="compiler">Settings of the compiler; the defaults if null.</param>
    /// <param name="options">Timing; the defaults if null.</param>
    /// <param name="time">The clock; the system's if null.</param>
    /// <param name="connections">
    /// The node's connection table; used by the loop's thread only, and not disposed. Connections are not swept if
    /// null.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is not within its range.</exception>
    public ReconcileLoop(
        string nodeName,
        IDataplane dataplane,
        IReconcileListener listener,
        IReadOnlyList<HealthCheck>? checks = null,
        CompilerOptions? compiler = null,
        ReconcileOptions? options = null,
        TimeProvider? time = null,
        IConnectionTable? connections = null
    )
    {
        _listener = listener;
        _options = options ?? new ReconcileOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _reconciler = new Reconciler(nodeName, dataplane, listener, checks, compiler, _options, _time, connections);
        _queue = Channel.CreateBounded<LoopItem>(
            new BoundedChannelOptions(_options.QueueCapacity) { SingleReader = true }
        );
    }

    /// <summary>Queues an event; waits while the queue is full. Items of one caller keep their order.</summary>
    /// <exception cref="ChannelClosedException">
    /// The loop has ended, or <see cref="Complete"/> was called. The loop's task has the reason.
    /// </exception>
    public ValueTask PostAsync(ClusterEvent change, CancellationToken cancellationToken = default) =>
        _queue.Writer.WriteAsync(change, cancellationToken);

    /// <summary>Queues a sync point after the events that were queued before; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">
    /// The loop has ended, or <see cref="Complete"/> was called. The loop's task has the reason.
    /// </exception>
    public ValueTask PostAsync(SyncPoint point, CancellationToken cancellationToken = default) =>
        _queue.Writer.WriteAsync(point, cancellationToken);

    /// <summary>No more events will come: the loop ends when it has tried to write them all.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>
    /// Runs until cancelled or completed; once. The caller has to observe the task: a loop that fails reports it in no
    /// other way.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    /// <exception cref="Exception">
    /// Any exception of the compiler, the dataplane, a check or the listener other than
    /// <see cref="DataplaneException"/> is a bug. The state in memory may be inconsistent, so the loop ends and does
    /// not try again: the process has to end too, and to be restarted. The rules stay in the kernel.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("a reconcile loop runs once");
        }

        try
        {
            while (await WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                Receive();
                _reconciler.Step();
                _listener.Stepped();
            }

            _reconciler.Finish();
        }
        finally
        {
            // A caller must not wait for a loop that has ended.
            _queue.Writer.TryComplete();
        }
    }

    /// <summary>Waits for items or for what is due. False when no more items will come.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        // Checked here because under a flood of events nothing below waits.
        cancellationToken.ThrowIfCancellationRequested();
        if (_reconciler.Pause is { Ticks: > 0 } pause)
        {
            await DelayAsync(pause, cancellationToken).ConfigureAwait(false);
        }

        if (_queue.Reader.TryPeek(out _))
        {
            return true;
        }

        // Kept until it completes: the channel keeps every abandoned waiter, and on a quiet day none completes.
        _arrival ??= _queue.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (!_arrival.IsCompleted && _reconciler.UntilDue is { } wait)
        {
            if (wait > TimeSpan.Zero)
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(_arrival, DelayAsync(wait, end.Token)).ConfigureAwait(false);
                await end.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (!_arrival.IsCompleted)
            {
                return true;
            }
        }

        var arrival = _arrival;
        _arrival = null;
        return await arrival.ConfigureAwait(false);
    }

    // Timers count whole milliseconds and round down: a wait that is not rounded up ends early, and then spins.
    private Task DelayAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var delay = wait < s_maxDelay ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : s_maxDelay;
        return Task.Delay(delay, _time, cancellationToken);
    }

    private void Receive()
    {
        for (var taken = 0; taken < _options.MaxBatch && _queue.Reader.TryRead(out var item); taken++)
        {
            _reconciler.Receive(item);
        }
    }
}
