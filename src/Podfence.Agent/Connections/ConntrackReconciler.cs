using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Keeps the connections that the kernel knows in step with what is in force: forgets those of addresses that pods let go, and cuts those that are denied now where that is chosen.
/// Works in slices, between transactions, while the kernel is equal to the state. Used by the loop's thread.
/// </summary>
internal sealed class ConntrackReconciler : IClusterObserver
{
    // A packet that the old rules let through is known to connection tracking only when it leaves.
    private static readonly TimeSpan s_underWay = TimeSpan.FromMilliseconds(10);
    private readonly IConnectionTable _table;
    private readonly IReconcileListener _listener;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly Backoff _failures;
    private readonly ReleasedAddresses _released;
    private readonly RestrictedAddresses? _tightened;
    private readonly ConntrackPolicy _judge;
    private Sweep? _sweep;
    private long _nextSweep;
    private long _nextCut;

    public ConntrackReconciler(
        ClusterState state, string nodeName, IConnectionTable table, IReconcileListener listener, EvaluatorOptions evaluator, ReconcileOptions options, TimeProvider time)
    {
        _table = table;
        _listener = listener;
        _options = options.Connections;
        _time = time;
        _failures = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _released = new ReleasedAddresses(nodeName);
        _tightened = _options.Established == ExistingConnections.Terminate ? new RestrictedAddresses() : null;
        _judge = new ConntrackPolicy(state, nodeName, evaluator, table.IsOfThisNode);
        _nextSweep = _nextCut = time.GetTimestamp();
        state.Observe(_released);
        state.Observe(this);
    }

    /// <summary>How long until there is something to do, provided that the kernel is equal to the state; null when there is nothing.</summary>
    public TimeSpan? UntilDue
    {
        get
        {
            if (_sweep is not null)
            {
                return _failures.Wait;
            }

            TimeSpan? wait = _released.Any ? _time.Until(_nextSweep) : _tightened is { Any: true } ? _time.Until(Math.Max(_nextSweep, _nextCut)) : null;
            return wait is { } due && due < _failures.Wait ? _failures.Wait : wait;
        }
    }

    /// <summary>Everything was replaced.</summary>
    public void Replaced(Ruleset ruleset)
    {
        _released.IsListening = true;
        _tightened?.Replaced(ruleset);
        PutOffCut();
    }

    /// <summary>A change is in force.</summary>
    public void Changed(RulesetDelta delta)
    {
        _tightened?.Changed(delta);
        PutOffCut();
    }

    /// <summary>Does what is due, for a slice of time at most.</summary>
    public void Step()
    {
        if (UntilDue == TimeSpan.Zero)
        {
            var end = _time.After(_options.Slice);
            Work(() => _time.Until(end) == TimeSpan.Zero);
        }
    }

    /// <summary>The loop ends: what is begun or due is done, without a rest, once.</summary>
    public void Finish()
    {
        if (_sweep is not null || _released.Any || _tightened is { Any: true })
        {
            _nextCut = _time.GetTimestamp();
            Work(static () => false);
        }
    }

    void IClusterObserver.EndpointChanged(IpAddress address, Pod? before, Pod? after) => _judge.Forget();

    void IClusterObserver.NamespaceChanged(Namespace? before, Namespace? after) => _judge.Forget();

    void IClusterObserver.NodeChanged(Node? before, Node? after) => _judge.Forget();

    void IClusterObserver.PolicyChanged(NetworkPolicy? before, NetworkPolicy? after) => _judge.Forget();

    private void PutOffCut() => _nextCut = Math.Max(_nextCut, _time.After(s_underWay));

    private void Work(Func<bool> isOver)
    {
        var sweep = _sweep ??= Begin();
        var begin = _time.GetTimestamp();
        var isDone = false;
        try
        {
            isDone = sweep.Way.Continue(isOver);
        }
        catch (DataplaneException failure)
        {
            _released.PutBack(sweep.Released);
            _tightened?.PutBack(sweep.Tightened);
            _sweep = null;
            _listener.Failed(ReconcileStep.Connections, failure, _failures.Fail());
            return;
        }

        sweep.Worked += _time.GetElapsedTime(begin);
        if (isDone)
        {
            _sweep = null;
            if (_failures.Reset())
            {
                _listener.Recovered(ReconcileStep.Connections);
            }

            _nextSweep = _time.After(sweep.Worked * _options.Share);
            _listener.ConnectionsSwept(new SweepResult(sweep.Way.Read, sweep.Way.Removed, sweep.Worked));
        }
    }

    private Sweep Begin()
    {
        var released = _released.Take();
        HashSet<IpAddress> tightened = [];
        if (_tightened is { Any: true } && _time.Until(_nextCut) == TimeSpan.Zero)
        {
            tightened = _tightened.Take();
            _nextCut = _time.After(_options.CutInterval);
        }

        var way = _table.Sweep(
            released.Union(tightened).ToHashSet(),
            connection => connection.Touches(released) ? SweepAction.Remove : tightened.Count > 0 && _judge.IsDenied(connection) ? SweepAction.Refuse : SweepAction.Keep);
        return new Sweep(way, released, tightened);
    }

    private sealed class Sweep(IConnectionSweep way, HashSet<IpAddress> released, HashSet<IpAddress> tightened)
    {
        public IConnectionSweep Way { get; } = way;

        public HashSet<IpAddress> Released { get; } = released;

        public HashSet<IpAddress> Tightened { get; } = tightened;

        public TimeSpan Worked { get; set; }
    }
}
