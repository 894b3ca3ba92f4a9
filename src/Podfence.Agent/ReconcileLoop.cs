using System.Threading.Channels;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Policy;

namespace Podfence.Agent;

/// <summary>
/// Keeps one node's kernel equal to the cluster's state: events in, one transaction out for all that have come. Nothing is written before the first barrier.
/// A failure leaves the kernel as it was, and the next try replaces everything. Stopping leaves the fence standing.
/// </summary>
public sealed class ReconcileLoop
{
    private readonly ClusterState _state = new();
    private readonly NodeCompiler _compiler;
    private readonly IDataplane _dataplane;
    private readonly IReadOnlyList<IHealthCheck> _checks;
    private readonly IReconcileListener _listener;
    private readonly ReconcileOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<ClusterEvent> _events;
    private readonly List<long> _barriers = [];
    private bool _synced;
    private bool _replace = true;
    private int _failures;
    private int _pending;
    private long _retryAt;
    private long _driftAt;
    private long _appliedAt;

    /// <summary>Makes a loop; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="nodeName">The node whose pods are fenced.</param>
    /// <param name="dataplane">The node's kernel.</param>
    /// <param name="listener">Hears what happens.</param>
    /// <param name="checks">Conditions without which the fence has holes; asked before each barrier is reported.</param>
    /// <param name="compiler">Settings of the compiler.</param>
    /// <param name="options">The pace.</param>
    /// <param name="time">The clock.</param>
    public ReconcileLoop(
        string nodeName,
        IDataplane dataplane,
        IReconcileListener listener,
        IReadOnlyList<IHealthCheck>? checks = null,
        CompilerOptions? compiler = null,
        ReconcileOptions? options = null,
        TimeProvider? time = null)
    {
        _compiler = new NodeCompiler(_state, nodeName, compiler);
        _dataplane = dataplane;
        _listener = listener;
        _checks = checks ?? [];
        _options = options ?? new ReconcileOptions();
        _time = time ?? TimeProvider.System;
        _events = Channel.CreateBounded<ClusterEvent>(new BoundedChannelOptions(_options.QueueCapacity) { SingleReader = true });
        _appliedAt = _time.GetTimestamp() - Ticks(_options.MinInterval);
    }

    /// <summary>Takes an event; waits while the queue is full.</summary>
    public ValueTask PostAsync(ClusterEvent change, CancellationToken cancellationToken = default) => _events.Writer.WriteAsync(change, cancellationToken);

    /// <summary>No more events will come: the loop ends when it has tried to do them all.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Runs until cancelled or completed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            Receive();
            if (!_synced)
            {
                continue;
            }

            if (Due(_retryAt))
            {
                Reconcile();
            }

            if (!_replace && Due(_driftAt))
            {
                LookForDrift();
            }
        }
    }

    /// <summary>Waits for events or for what is due. False when there is nothing left to do.</summary>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var sinceApply = _time.GetElapsedTime(_appliedAt);
        if (sinceApply < _options.MinInterval)
        {
            await Task.Delay(_options.MinInterval - sinceApply, _time, cancellationToken).ConfigureAwait(false);
        }

        if (_events.Reader.TryPeek(out _))
        {
            return true;
        }

        var more = _events.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (!_synced)
        {
            return await more.ConfigureAwait(false);
        }

        if (more.IsCompleted)
        {
            return await more.ConfigureAwait(false);
        }

        var next = _failures > 0 ? _retryAt : _driftAt;
        var wait = Math.Max(0, next - _time.GetTimestamp());
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(more, Task.Delay(TimeSpan.FromSeconds((double)wait / _time.TimestampFrequency), _time, timer.Token)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return !more.IsCompleted || await more.ConfigureAwait(false);
    }

    private void Receive()
    {
        for (var taken = 0; taken < _options.MaxBatch && _events.Reader.TryRead(out var change); taken++)
        {
            if (change is Barrier barrier)
            {
                _synced = true;
                _barriers.Add(barrier.Number);
            }
            else
            {
                change.ApplyTo(_state);
                _pending++;
            }
        }
    }

    private void Reconcile()
    {
        var begin = _time.GetTimestamp();
        try
        {
            var replaced = _replace;
            if (_replace)
            {
                _dataplane.Replace(_compiler.Snapshot());
                _replace = false;
                _driftAt = After(_options.DriftInterval);
                Report(replaced, begin);
            }
            else
            {
                var delta = _compiler.Flush();
                if (!delta.IsEmpty)
                {
                    // From here on the compiler has told its changes: until they are in force, only a replacement will do.
                    _replace = true;
                    _dataplane.Apply(delta);
                    _replace = false;
                    Report(replaced, begin);
                }
            }

            foreach (var check in _barriers.Count > 0 ? _checks : [])
            {
                check.Check(_compiler.Endpoints);
            }
        }
        catch (DataplaneException failure)
        {
            var wait = TimeSpan.FromTicks(Math.Min(_options.RetryInterval.Ticks << Math.Min(_failures, 16), _options.MaxRetryInterval.Ticks));
            _failures++;
            _retryAt = After(wait);
            _listener.Failed(failure, wait);
            return;
        }

        _failures = 0;
        _barriers.ForEach(_listener.Reached);
        _barriers.Clear();
    }

    private void LookForDrift()
    {
        var begin = _time.GetTimestamp();
        try
        {
            if (_dataplane.MayHaveDrifted())
            {
                var differences = _dataplane.Verify(_compiler.Snapshot());
                if (differences.Count > 0)
                {
                    _replace = true;
                    _listener.Drifted(differences);
                    Reconcile();
                }
            }
        }
        catch (DataplaneException failure)
        {
            // What cannot be read may be gone: put it back.
            _replace = true;
            _listener.Failed(failure, TimeSpan.Zero);
        }

        var spent = _time.GetElapsedTime(begin) * _options.VerifyShare;
        _driftAt = After(spent > _options.DriftInterval ? spent : _options.DriftInterval);
    }

    private void Report(bool replaced, long begin)
    {
        _appliedAt = _time.GetTimestamp();
        _listener.Applied(new AppliedChange(replaced, _pending, _time.GetElapsedTime(begin)));
        _pending = 0;
    }

    private bool Due(long timestamp) => _time.GetTimestamp() >= timestamp;

    private long After(TimeSpan wait) => _time.GetTimestamp() + Ticks(wait);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
