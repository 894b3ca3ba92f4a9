using Podfence.Base;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Keeps the kernel's connection table in step with the rules: removes the connections of addresses that pods have
/// released and, if configured, terminates those that are denied now. Works in slices, between transactions, while the
/// kernel equals the state. Used by the loop's thread.
/// </summary>
internal sealed class ConntrackReconciler : IClusterObserver
{
    // Connection tracking confirms a connection only when its first packet, accepted by the old rules, leaves the node.
    private static readonly TimeSpan s_inFlight = TimeSpan.FromMilliseconds(10);
    private readonly IConnectionTable _table;
    private readonly IReconcileListener _listener;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly Backoff _failures;
    private readonly ReleasedAddresses _released;
    private readonly RestrictedAddresses? _restricted;
    private readonly ConntrackPolicy _policy;
    private Sweep? _sweep;
    private long _nextSweep;
    private long _nextTermination;

    public ConntrackReconciler(
        ClusterState state,
        string nodeName,
        IConnectionTable table,
        IReconcileListener listener,
        EvaluatorOptions evaluator,
        ReconcileOptions options,
        TimeProvider time
    )
    {
        _table = table;
        _listener = listener;
        _options = options.Connections;
        _time = time;
        _failures = new Backoff(options.RetryInterval, options.MaxRetryInterval, time);
        _released = new ReleasedAddresses(nodeName);
        _restricted = _options.Existing == ExistingConnections.Terminate ? new RestrictedAddresses() : null;
        _policy = new ConntrackPolicy(state, nodeName, evaluator, table.IsLocal);
        _nextSweep = _nextTermination = time.GetTimestamp();
        state.Observe(_released);
        state.Observe(this);
    }

    /// <summary>The time until there is work, if the kernel equals the state; null if there is none.</summary>
    public TimeSpan? UntilDue
    {
        get
        {
            if (_sweep is not null)
            {
                return _failures.Wait;
            }

            TimeSpan? wait =
                _released.Any ? _time.Until(_nextSweep)
                : _restricted is { Any: true } ? _time.Until(Math.Max(_nextSweep, _nextTermination))
                : null;
            return wait is { } due && due < _failures.Wait ? _failures.Wait : wait;
        }
    }

    public void Replaced(Ruleset ruleset)
    {
        _released.IsEnabled = true;
        _restricted?.Replaced(ruleset);
        DelayTermination();
    }

    public void Changed(RulesetDelta delta)
    {
        _restricted?.Changed(delta);
        DelayTermination();
    }

    /// <summary>Does what is due, for at most one slice of time.</summary>
    public void Step()
    {
        if (UntilDue == TimeSpan.Zero)
        {
            var end = _time.After(_options.Slice);
            Work(() => _time.Until(end) == TimeSpan.Zero);
        }
    }

    /// <summary>The loop ends: outstanding work is done once, without a pause.</summary>
    public void Finish()
    {
        if (_sweep is not null || _released.Any || _restricted is { Any: true })
        {
            _nextTermination = _time.GetTimestamp();
            Work(static () => false);
        }
    }

    void IClusterObserver.EndpointChanged(IpAddress address, Pod? before, Pod? after) => _policy.Reset();

    void IClusterObserver.NamespaceChanged(Namespace? before, Namespace? after) => _policy.Reset();

    void IClusterObserver.NodeChanged(Node? before, Node? after) => _policy.Reset();

    void IClusterObserver.PolicyChanged(NetworkPolicy? before, NetworkPolicy? after) => _policy.Reset();

    private void DelayTermination() => _nextTermination = Math.Max(_nextTermination, _time.After(s_inFlight));

    private void Work(Func<bool> isTimeUp)
    {
        var sweep = _sweep ??= Begin();
        var begin = _time.GetTimestamp();
        var isDone = false;
        try
        {
            isDone = sweep.Connections.Continue(isTimeUp);
        }
        catch (DataplaneException failure)
        {
            _released.PutBack(sweep.Released);
            _restricted?.PutBack(sweep.Restricted);
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

            _nextSweep = _time.After(sweep.Worked / _options.MaxSweepFraction);
            _listener.ConnectionsSwept(
                new SweepResult(sweep.Connections.Read, sweep.Connections.Removed, sweep.Worked)
            );
        }
    }

    private Sweep Begin()
    {
        var released = _released.Take();
        HashSet<IpAddress> restricted = [];
        if (_restricted is { Any: true } && _time.Until(_nextTermination) == TimeSpan.Zero)
        {
            restricted = _restricted.Take();
            _nextTermination = _time.After(_options.TerminateInterval);
        }

        var connections = _table.Sweep(released.Union(restricted).ToHashSet(), ActionFor);
        return new Sweep(connections, released, restricted);

        SweepAction ActionFor(TrackedConnection connection) =>
            connection.Touches(released) ? SweepAction.Remove
            : restricted.Count > 0 && _policy.IsDenied(connection) ? SweepAction.Terminate
            : SweepAction.Keep;
    }

    private sealed class Sweep(IConnectionSweep connections, HashSet<IpAddress> released, HashSet<IpAddress> restricted)
    {
        public IConnectionSweep Connections { get; } = connections;

        public HashSet<IpAddress> Released { get; } = released;

        public HashSet<IpAddress> Restricted { get; } = restricted;

        public TimeSpan Worked { get; set; }
    }
}
