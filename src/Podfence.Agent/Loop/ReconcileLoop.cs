using System.Threading.Channels;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Keeps one node's kernel equal to the cluster's state: events in, one transaction out for all that have come. Nothing is written before the first barrier.
/// A failure leaves the kernel as it was, and the next try replaces everything. Stopping, for whatever reason, leaves the fence standing.
/// The contract is in docs/design/agent.md.
/// </summary>
public sealed class ReconcileLoop
{
    // A timer takes 49 days at most.
    private static readonly TimeSpan s_longestNap = TimeSpan.FromDays(1);
    private readonly Reconciler _reconciler;
    private readonly ReconcileOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<ClusterEvent> _events;
    private Task<bool>? _arrival;
    private long _lastStep;
    private int _started;

    /// <summary>Makes a loop; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="nodeName">The node whose pods are fenced.</param>
    /// <param name="dataplane">The node's kernel; used by the loop's thread only, and not disposed.</param>
    /// <param name="listener">Hears what happens.</param>
    /// <param name="checks">Conditions without which the fence has holes; asked before each barrier is reported, and at each look for drift. None by default.</param>
    /// <param name="compiler">Settings of the compiler; the defaults where absent.</param>
    /// <param name="options">The pace; the defaults where absent.</param>
    /// <param name="time">The clock; the system's where absent.</param>
    /// <param name="connections">The node's connections; used by the loop's thread only, and not disposed. They are left alone where absent.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ReconcileLoop(
        string nodeName,
        IDataplane dataplane,
        IReconcileListener listener,
        IReadOnlyList<IHealthCheck>? checks = null,
        CompilerOptions? compiler = null,
        ReconcileOptions? options = null,
        TimeProvider? time = null,
        IConnectionTable? connections = null)
    {
        _options = options ?? new ReconcileOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _reconciler = new Reconciler(nodeName, dataplane, listener, checks, compiler, _options, _time, connections);
        _lastStep = _time.GetTimestamp();
        _events = Channel.CreateBounded<ClusterEvent>(new BoundedChannelOptions(_options.QueueCapacity) { SingleReader = true });
    }

    /// <summary>Takes an event; waits while the queue is full. Events of one caller are taken in their order.</summary>
    /// <exception cref="ChannelClosedException">The loop has ended, or was told that no more would come. Its task says why.</exception>
    public ValueTask PostAsync(ClusterEvent change, CancellationToken cancellationToken = default) => _events.Writer.WriteAsync(change, cancellationToken);

    /// <summary>How long ago the loop was last seen at work. It wakes at least once per <see cref="ReconcileOptions.DriftInterval"/> when its source has told everything; before, only for events.</summary>
    public TimeSpan SinceLastStep => _time.GetElapsedTime(Interlocked.Read(ref _lastStep));

    /// <summary>No more events will come: the loop ends when it has tried to do them all.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>
    /// Runs until cancelled or completed; once. The caller has to watch the task: a loop that fails has nobody left to tell of it.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    /// <exception cref="Exception">
    /// Any other than <see cref="DataplaneException"/> that came from the compiler, the dataplane, a check or the listener is a fault of ours. What it left in memory
    /// cannot be relied on, so the loop ends and does not try again: the process is to end too, and to be started anew. The rules in the kernel stand.
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
                Interlocked.Exchange(ref _lastStep, _time.GetTimestamp());
            }

            _reconciler.Finish();
        }
        finally
        {
            // Whoever posts is not left to wait for a loop that is gone.
            _events.Writer.TryComplete();
        }
    }

    /// <summary>Waits for events or for what is due. False when no more events will come.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        // Asked here because a flood of events leaves nothing below to wait for.
        cancellationToken.ThrowIfCancellationRequested();
        if (_reconciler.Pause is { Ticks: > 0 } pause)
        {
            await NapAsync(pause, cancellationToken).ConfigureAwait(false);
        }

        if (_events.Reader.TryPeek(out _))
        {
            return true;
        }

        // Kept until it is over: the queue would keep each that was given up, and on a quiet day none ends.
        _arrival ??= _events.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (!_arrival.IsCompleted && _reconciler.UntilDue is { } wait)
        {
            if (wait > TimeSpan.Zero)
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(_arrival, NapAsync(wait, end.Token)).ConfigureAwait(false);
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

    // Timers count whole milliseconds, and cut off the rest: a wait that is not rounded up ends early, and then spins until its time has come.
    private Task NapAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        Task.Delay(wait < s_longestNap ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : s_longestNap, _time, cancellationToken);

    private void Receive()
    {
        for (var taken = 0; taken < _options.MaxBatch && _events.Reader.TryRead(out var change); taken++)
        {
            _reconciler.Receive(change);
        }
    }
}
