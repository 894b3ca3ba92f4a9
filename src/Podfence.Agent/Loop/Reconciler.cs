using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// What a <see cref="ReconcileLoop"/> does between two waits: takes events in, writes what is due, reports barriers, looks for drift. Knows what time it is and never waits.
/// Used by one thread.
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
    private readonly StartupLockdown _guard;
    private readonly List<long> _barriers = [];
    private readonly RulesetStatsCounter _footprint = new();

    // Each has a backoff of its own: a check that fails must not put off a rule, nor a table that cannot be read a change that can be written.
    private readonly Backoff _writes;
    private readonly HealthChecks _health;
    private readonly Backoff _reading;
    private bool _synced;

    // Whether the kernel may hold anything else than what the compiler told last. While it is false, the kernel is equal to all events but the last _events.
    private bool _replace = true;
    private int _events;

    // When the oldest of them was received; 0 where none says.
    private long _oldest;
    private bool _hasFaults;
    private long _nextWrite;
    private long _nextLook;

    public Reconciler(
        string nodeName,
        IDataplane dataplane,
        IReconcileListener listener,
        IReadOnlyList<IHealthCheck>? checks,
        CompilerOptions? compiler,
        ReconcileOptions options,
        TimeProvider time,
        IConnectionTable? connections = null)
    {
        _compiler = new NodeCompiler(_state, nodeName, compiler);
        _dataplane = dataplane;
        _guard = new StartupLockdown(_state, nodeName, dataplane, compiler ?? new CompilerOptions(), listener);
        _health = new HealthChecks(checks ?? [], _compiler, listener, new Backoff(options.RetryInterval, options.MaxRetryInterval, time));
        _listener = listener;
        _options = options;
        _time = time;
        _writes = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _reading = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _nextWrite = _nextLook = time.GetTimestamp();
        if (connections is not null)
        {
            var evaluator = new EvaluatorOptions { PodToNode = _compiler.Options.PodToNode };
            _connections = new ConntrackReconciler(_state, nodeName, connections, listener, evaluator, options, time);
        }
    }

    /// <summary>How long there must be no other transaction; zero when there may be one.</summary>
    public TimeSpan Pause => _time.Until(_nextWrite);

    /// <summary>How long until there is something to do though no event comes; null when there will be nothing.</summary>
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

            var look = _time.Until(_nextLook);
            look = _connections?.UntilDue is { } sweep && sweep < look ? sweep : look;
            return _barriers.Count > 0 && _health.Wait < look ? _health.Wait : look;
        }
    }

    private bool IsDirty => _replace || _events > 0;

    /// <summary>Takes one event in.</summary>
    public void Receive(ClusterEvent change)
    {
        if (change is Barrier barrier)
        {
            _synced = true;
            _barriers.Add(barrier.Number);
        }
        else
        {
            _state.Apply(change);
            _events++;

            // What was there before the agent came is not a change that waits for it.
            if (!_synced)
            {
                return;
            }

            if (_oldest == 0 || (change.ReceivedAt != 0 && change.ReceivedAt < _oldest))
            {
                _oldest = change.ReceivedAt;
            }
        }
    }

    /// <summary>Does all that is due: at most one transaction.</summary>
    public void Step()
    {
        if (!_synced)
        {
            _guard.Step();
            return;
        }

        if (IsDirty && _writes.Wait == TimeSpan.Zero)
        {
            Write();
        }

        // While something is to be written, barriers cannot be reached, and a look would find what is known.
        if (IsDirty)
        {
            return;
        }

        if (_health.Wait == TimeSpan.Zero)
        {
            ReachBarriers();
        }

        if (_time.Until(_nextLook) == TimeSpan.Zero)
        {
            Look();

            // A setting may be turned off, and a pod come to a bridge, long after the last barrier.
            if (_barriers.Count == 0 && _health.Wait == TimeSpan.Zero)
            {
                _health.Holds();
            }
        }

        if (!IsDirty)
        {
            _connections?.Step();
        }
    }

    /// <summary>No event will come any more: what is not done is tried once more, due or not.</summary>
    public void Finish()
    {
        if (_synced && IsDirty)
        {
            Write();
        }

        if (_synced && !IsDirty)
        {
            ReachBarriers();
            _connections?.Finish();
        }
    }

    private void Write()
    {
        var begin = _time.GetTimestamp();
        var replace = _replace;
        var written = true;

        // The compiler tells a change once. From here on, until that is in force, only a replacement will do.
        _replace = true;
        try
        {
            if (replace)
            {
                var ruleset = _compiler.Snapshot();
                _dataplane.Replace(ruleset);
                _footprint.Replace(ruleset);
                _connections?.Replaced(ruleset);
            }
            else
            {
                var delta = _compiler.Flush();
                written = !delta.IsEmpty;
                if (written)
                {
                    _dataplane.Apply(delta);
                    _footprint.Apply(delta);
                    _connections?.Changed(delta);
                }
            }
        }
        catch (DataplaneException failure)
        {
            _listener.Failed(ReconcileStep.Write, failure, _writes.Fail());
            return;
        }

        var (events, oldest) = (_events, _oldest);
        _replace = false;
        _events = 0;
        _oldest = 0;
        Succeeded(ReconcileStep.Write, _writes);
        if (replace)
        {
            // A replacement has read the table, and left nothing to find.
            PutOffLook(begin, _options.DriftInterval);
        }

        if (written)
        {
            _nextWrite = _time.After(_options.MinInterval);
            TimeSpan? delay = oldest == 0 ? null : _time.GetElapsedTime(oldest);
            _listener.Applied(new AppliedChange(replace, events, _time.GetElapsedTime(begin), delay, _footprint.Current));
            if (_compiler.BuildFailures.Count > 0 || _hasFaults)
            {
                _hasFaults = _compiler.BuildFailures.Count > 0;
                _listener.Closed(_compiler.BuildFailures);
            }
        }
    }

    private void ReachBarriers()
    {
        if (_barriers.Count > 0 && _health.Holds())
        {
            _barriers.ForEach(_listener.Reached);
            _barriers.Clear();
        }
    }

    private void Look()
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

            Succeeded(ReconcileStep.Read, _reading);
        }
        catch (DataplaneException failure)
        {
            // What cannot be read may be gone: it is put there again at once, and then left alone for longer and longer, lest the repair be the storm.
            _replace = true;
            var backoff = _reading.Fail();
            wait = backoff > wait ? backoff : wait;
            _listener.Failed(ReconcileStep.Read, failure, TimeSpan.Zero);
        }

        PutOffLook(begin, wait);
    }

    private void Succeeded(ReconcileStep step, Backoff backoff)
    {
        if (backoff.Reset())
        {
            _listener.Recovered(step);
        }
    }

    /// <summary>The next look comes after a wait at least, and after a multiple of what the reading that began then has cost. Never sooner than planned.</summary>
    private void PutOffLook(long begin, TimeSpan wait)
    {
        var share = _time.GetElapsedTime(begin) * _options.VerifyShare;
        _nextLook = Math.Max(_nextLook, _time.After(share > wait ? share : wait));
    }
}
