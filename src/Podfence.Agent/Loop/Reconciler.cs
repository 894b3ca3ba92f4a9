using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// What a <see cref="ReconcileLoop"/> does between two waits: receives events, writes what is due, reports sync points,
/// checks for drift. It reads the clock and never waits. Used by one thread.
/// </summary>
internal sealed class Reconciler
{
    private readonly ClusterState _state = new();
    private readonly NodeCompiler _compiler;
    private readonly IDataplane _dataplane;
    private readonly IReconcileListener _listener;
    private readonly ReconcileOptions _options;
    private readonly TimeProvider _time;
    private readonly ConntrackReconciler? _connections;
    private readonly StartupLockdown _lockdown;
    private readonly List<SyncPoint> _syncPoints = [];
    private readonly RulesetStatsCounter _stats = new();

    // Each has a back-off of its own: a failing check must not delay a rule, nor an unreadable table a change.
    private readonly Backoff _writes;
    private readonly HealthChecks _health;
    private readonly Backoff _reads;
    private bool _synced;

    // Whether the kernel may differ from the compiler's last output. While false, the kernel equals the state without
    // the last _events events.
    private bool _replace = true;
    private int _events;

    // When the oldest of them was received; 0 if unknown.
    private long _oldestReceivedAt;
    private bool _hasFailedClosed;
    private long _nextWrite;
    private long _nextDriftCheck;

    public Reconciler(
        string nodeName,
        IDataplane dataplane,
        IReconcileListener listener,
        IReadOnlyList<HealthCheck>? checks,
        CompilerOptions? compiler,
        ReconcileOptions options,
        TimeProvider time,
        IConnectionTable? connections = null
    )
    {
        _compiler = new NodeCompiler(_state, nodeName, compiler);
        _dataplane = dataplane;
        _lockdown = new StartupLockdown(_state, nodeName, dataplane, compiler ?? new CompilerOptions(), listener);
        _health = new HealthChecks(
            checks ?? [],
            _compiler,
            listener,
            new Backoff(options.RetryInterval, options.MaxRetryInterval, time)
        );
        _listener = listener;
        _options = options;
        _time = time;
        _writes = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _reads = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _nextWrite = _nextDriftCheck = time.GetTimestamp();
        if (connections is not null)
        {
            var evaluator = new EvaluatorOptions { PodToNode = _compiler.Options.PodToNode };
            _connections = new ConntrackReconciler(_state, nodeName, connections, listener, evaluator, options, time);
        }
    }

    /// <summary>The time until the next transaction is allowed; zero if it is now.</summary>
    public TimeSpan Pause => _time.Until(_nextWrite);

    /// <summary>The time until there is work without a new event; null if there will be none.</summary>
    public TimeSpan? UntilDue
    {
        get
        {
            if (!_synced)
            {
                return null;
            }

            if (IsDirty)
            {
                return _writes.Wait;
            }

            var wait = _time.Until(_nextDriftCheck);
            wait = _connections?.UntilDue is { } sweep && sweep < wait ? sweep : wait;
            return _syncPoints.Count > 0 && _health.Wait < wait ? _health.Wait : wait;
        }
    }

    private bool IsDirty => _replace || _events > 0;

    /// <summary>Takes one event or sync point.</summary>
    public void Receive(LoopItem item)
    {
        if (item.Event is not { } change)
        {
            _synced = true;
            _syncPoints.Add(item.SyncPoint);
            return;
        }

        _state.Apply(change);
        _events++;

        // The delay of events is measured from the first sync point on: objects that existed before are not changes.
        if (_synced && (_oldestReceivedAt == 0 || (change.ReceivedAt != 0 && change.ReceivedAt < _oldestReceivedAt)))
        {
            _oldestReceivedAt = change.ReceivedAt;
        }
    }

    /// <summary>Does all that is due, with at most one transaction.</summary>
    public void Step()
    {
        if (!_synced)
        {
            _lockdown.Step();
            return;
        }

        if (IsDirty && _writes.Wait == TimeSpan.Zero)
        {
            Write();
        }

        // While a change is waiting to be written, no sync point is reached, and a drift check would only find that
        // change.
        if (IsDirty)
        {
            return;
        }

        if (_health.Wait == TimeSpan.Zero)
        {
            ReachSyncPoints();
        }

        if (_time.Until(_nextDriftCheck) == TimeSpan.Zero)
        {
            CheckDrift();

            // A setting may be turned off, or a pod attached to a bridge, long after the last sync point.
            if (_syncPoints.Count == 0 && _health.Wait == TimeSpan.Zero)
            {
                _health.Pass();
            }
        }

        if (!IsDirty)
        {
            _connections?.Step();
        }
    }

    /// <summary>No more events will come: outstanding work is tried once more, due or not.</summary>
    public void Finish()
    {
        if (_synced && IsDirty)
        {
            Write();
        }

        if (_synced && !IsDirty)
        {
            ReachSyncPoints();
            _connections?.Finish();
        }
    }

    private void Write()
    {
        var begin = _time.GetTimestamp();
        var replace = _replace;
        var written = true;

        // The compiler returns a change once. Until it is committed, only a replacement is correct.
        _replace = true;
        try
        {
            if (replace)
            {
                var ruleset = _compiler.Snapshot();
                _dataplane.Replace(ruleset);
                _stats.Replace(ruleset);
                _connections?.Replaced(ruleset);
            }
            else
            {
                var delta = _compiler.Flush();
                written = !delta.IsEmpty;
                if (written)
                {
                    _dataplane.Apply(delta);
                    _stats.Apply(delta);
                    _connections?.Changed(delta);
                }
            }
        }
        catch (DataplaneException failure)
        {
            _listener.Failed(ReconcileStep.Write, failure, _writes.Fail());
            return;
        }

        var (events, oldest) = (_events, _oldestReceivedAt);
        _replace = false;
        _events = 0;
        _oldestReceivedAt = 0;
        Succeeded(ReconcileStep.Write, _writes);
        if (replace)
        {
            // A replacement has read the table, so no drift is left.
            ScheduleDriftCheck(begin, _options.DriftInterval);
        }

        if (written)
        {
            _nextWrite = _time.After(_options.MinInterval);
            TimeSpan? delay = oldest == 0 ? null : _time.GetElapsedTime(oldest);
            var elapsed = _time.GetElapsedTime(begin);
            _listener.Applied(new AppliedChange(replace, events, elapsed, delay, _stats.Current));
            if (_compiler.BuildFailures.Count > 0 || _hasFailedClosed)
            {
                _hasFailedClosed = _compiler.BuildFailures.Count > 0;
                _listener.FailedClosed(_compiler.BuildFailures);
            }
        }
    }

    private void ReachSyncPoints()
    {
        if (_syncPoints.Count > 0 && _health.Pass())
        {
            _syncPoints.ForEach(_listener.Reached);
            _syncPoints.Clear();
        }
    }

    private void CheckDrift()
    {
        var begin = _time.GetTimestamp();
        var wait = _options.DriftInterval;
        try
        {
            if (_dataplane.MayHaveDrifted() && _dataplane.Verify(_compiler.Snapshot()) is { Count: > 0 } differences)
            {
                _replace = true;
                _listener.Drifted(differences);
            }

            Succeeded(ReconcileStep.Read, _reads);
        }
        catch (DataplaneException failure)
        {
            // Rules that cannot be read may be missing: they are written again at once, and then with back-off, so that
            // repairing does not itself overload the node.
            _replace = true;
            var backoff = _reads.Fail();
            wait = backoff > wait ? backoff : wait;
            _listener.Failed(ReconcileStep.Read, failure, TimeSpan.Zero);
        }

        ScheduleDriftCheck(begin, wait);
    }

    private void Succeeded(ReconcileStep step, Backoff backoff)
    {
        if (backoff.Reset())
        {
            _listener.Recovered(step);
        }
    }

    /// <summary>
    /// The next drift check comes after the wait, and not before the read that began then has taken no more than its
    /// fraction of the time. It is never moved to an earlier time.
    /// </summary>
    private void ScheduleDriftCheck(long begin, TimeSpan wait)
    {
        var pause = _time.GetElapsedTime(begin) / _options.MaxVerifyFraction;
        _nextDriftCheck = Math.Max(_nextDriftCheck, _time.After(pause > wait ? pause : wait));
    }
}
