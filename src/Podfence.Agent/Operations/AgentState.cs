using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// The agent's own state, for its probes, its metrics and <c>podfence status</c>. Written by the loop and the sources;
/// safe for all threads.
/// </summary>
public sealed class AgentState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ReconcileStep, string> _failing = [];
    private readonly SortedDictionary<string, SourceState> _sources = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly TimeSpan _stallTimeout;
    private RulesetStats _stats;
    private IReadOnlySet<PolicyKey> _failedPolicies = new HashSet<PolicyKey>();
    private long? _lastApplied;
    private long _lastStep;
    private string? _end;
    private bool _isSynced;
    private bool _isNodeKnown;
    private long _drifts;

    /// <summary>Makes the state of an agent before its first list.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="kinds">The kinds that have to be listed before anything is written.</param>
    /// <param name="stallTimeout">
    /// A loop that has not worked for longer is stuck; a source that is disconnected for longer makes the agent not
    /// ready.
    /// </param>
    /// <param name="time">The clock.</param>
    public AgentState(string node, IEnumerable<string> kinds, TimeSpan stallTimeout, TimeProvider time)
    {
        Node = node;
        _stallTimeout = stallTimeout;
        _time = time;
        _lastStep = time.GetTimestamp();
        foreach (var kind in kinds)
        {
            _sources[kind] = SourceState.Unknown(kind);
        }
    }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>What is in the kernel.</summary>
    public RulesetStats RulesetStats => Read(() => _stats);

    /// <summary>
    /// Policies that could not be compiled, and fail closed: all traffic of their pods in their directions is denied.
    /// </summary>
    public IReadOnlySet<PolicyKey> FailedPolicies => Read(() => _failedPolicies);

    /// <summary>Whether the kernel is in sync with the API server.</summary>
    public bool IsReady => Readiness().All(static condition => condition.Holds);

    /// <summary>How long ago the last transaction was committed; null before the first.</summary>
    public TimeSpan? SinceLastApplied =>
        Read(() => _lastApplied is { } then ? _time.GetElapsedTime(then) : (TimeSpan?)null);

    /// <summary>How often drift was detected.</summary>
    public long Drifts => Read(() => _drifts);

    /// <summary>The sources, by kind.</summary>
    public IReadOnlyList<SourceState> Sources => Read(() => (IReadOnlyList<SourceState>)[.. _sources.Values]);

    /// <summary>Whether the process works at all. If not, it has to be restarted.</summary>
    public IReadOnlyList<Condition> Liveness()
    {
        lock (_lock)
        {
            return [LoopCondition()];
        }
    }

    /// <summary>Whether the rules are in sync: each condition, with the remedy where one is not met.</summary>
    public IReadOnlyList<Condition> Readiness()
    {
        lock (_lock)
        {
            return
            [
                LoopCondition(),
                SourcesCondition(),
                NodeCondition(),
                _isSynced
                    ? Condition.Holding("fence")
                    : Condition.Failing("fence", "no rules written yet: those of an earlier agent stay in place"),
                StepCondition("kernel", ReconcileStep.Write),
                StepCondition("checks", ReconcileStep.Check),
                StepCondition("drift", ReconcileStep.Read),
                StepCondition("connections", ReconcileStep.Connections),
            ];
        }
    }

    internal void Applied(RulesetStats stats)
    {
        lock (_lock)
        {
            _stats = stats;
            _lastApplied = _time.GetTimestamp();
        }
    }

    internal void Stepped() => Write(() => _lastStep = _time.GetTimestamp());

    internal void Synced() => Write(() => _isSynced = true);

    internal void NodeKnown(bool isKnown) => Write(() => _isNodeKnown = isKnown);

    internal void Failed(ReconcileStep step, string message) => Write(() => _failing[step] = message);

    internal void Recovered(ReconcileStep step) => Write(() => _failing.Remove(step));

    internal void Drifted() => Write(() => _drifts++);

    internal void FailedClosed(IEnumerable<PolicyKey> policies) => Write(() => _failedPolicies = policies.ToHashSet());

    internal void Source(string kind, Func<SourceState, SourceState> change) =>
        Write(() => _sources[kind] = change(_sources.GetValueOrDefault(kind) ?? SourceState.Unknown(kind)));

    /// <summary>The agent has failed.</summary>
    internal void Ended(string why) => Write(() => _end = why);

    private Condition LoopCondition()
    {
        if (_end is { } end)
        {
            return Condition.Failing("loop", end);
        }

        var idle = _time.GetElapsedTime(_lastStep);
        return _isSynced && idle > _stallTimeout
            ? Condition.Failing("loop", $"has not worked for {idle.TotalSeconds:0} s")
            : Condition.Holding("loop");
    }

    private Condition NodeCondition() =>
        _isNodeKnown
            ? Condition.Holding("node")
            : Condition.Failing(
                "node",
                $"the API server has no node named {Node}, so no pod is fenced: set --node-name to its name there"
            );

    private Condition SourcesCondition()
    {
        var problems = _sources.Values.Select(ProblemOf).OfType<string>().ToList();
        return problems.Count == 0
            ? Condition.Holding("sources")
            : Condition.Failing("sources", string.Join("; ", problems));
    }

    // A watch ends now and then, and is started again at once; that alone does not make the agent unready.
    private string? ProblemOf(SourceState source)
    {
        var why = source.Failure is null ? "" : $" ({source.Failure})";
        if (!source.IsListed)
        {
            return $"{source.Kind} not listed yet{why}";
        }

        var outage = source.DisconnectedAt is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero;
        return outage > _stallTimeout ? $"{source.Kind} disconnected for {outage.TotalSeconds:0} s{why}" : null;
    }

    private Condition StepCondition(string name, ReconcileStep step) =>
        _failing.TryGetValue(step, out var message) ? Condition.Failing(name, message) : Condition.Holding(name);

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    private void Write(Action write)
    {
        lock (_lock)
        {
            write();
        }
    }
}
