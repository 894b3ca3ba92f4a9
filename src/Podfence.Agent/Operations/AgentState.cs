using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// What the agent knows of itself, for its probes, its numbers and <c>podfence status</c>. Written by the loop and the sources, read by whoever asks, at any time.
/// </summary>
public sealed class AgentState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ReconcileStep, string> _failing = [];
    private readonly SortedDictionary<string, SourceState> _sources = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Func<TimeSpan> _sinceLastStep;
    private readonly TimeSpan _patience;
    private RulesetStats _footprint;
    private IReadOnlySet<PolicyKey> _closed = new HashSet<PolicyKey>();
    private long? _lastApplied;
    private string? _end;
    private bool _isFenced;
    private bool _isNodeKnown;
    private long _drifts;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="kinds">Kinds of objects that have to be listed before anything is written.</param>
    /// <param name="sinceLastStep">How long ago the loop was seen at work.</param>
    /// <param name="patience">A loop that was not seen at work for longer than this hangs; a source that is away for longer is no longer to be relied on.</param>
    /// <param name="time">The clock.</param>
    public AgentState(string node, IEnumerable<string> kinds, Func<TimeSpan> sinceLastStep, TimeSpan patience, TimeProvider time)
    {
        Node = node;
        _sinceLastStep = sinceLastStep;
        _patience = patience;
        _time = time;
        foreach (var kind in kinds)
        {
            _sources[kind] = SourceState.Unknown(kind);
        }
    }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>What is in the kernel.</summary>
    public RulesetStats RulesetStats => Read(() => _footprint);

    /// <summary>Policies whose fences could not be built; their pods are refused everything in the policies' directions.</summary>
    public IReadOnlySet<PolicyKey> ClosedPolicies => Read(() => _closed);

    /// <summary>Whether the kernel holds what the API server says, as far as is known.</summary>
    public bool IsReady => Readiness().All(static condition => condition.Holds);

    /// <summary>How long ago the last transaction was committed; null before the first.</summary>
    public TimeSpan? SinceLastApplied => Read(() => _lastApplied is { } then ? _time.GetElapsedTime(then) : (TimeSpan?)null);

    /// <summary>How often somebody else was found to have changed our rules.</summary>
    public long Drifts => Read(() => _drifts);

    /// <summary>The sources, by kind.</summary>
    public IReadOnlyList<SourceState> Sources => Read(() => (IReadOnlyList<SourceState>)[.. _sources.Values]);

    /// <summary>Whether the process does its work at all. One that does not is to be started anew.</summary>
    public IReadOnlyList<Condition> Liveness()
    {
        var idle = _sinceLastStep();
        var hangs = Read(() => _isFenced) && idle > _patience;
        return
        [
            Read(() => _end) is { } end ? Condition.Failing("loop", end)
            : hangs ? Condition.Failing("loop", $"has not been at work for {idle.TotalSeconds:0} s")
            : Condition.Holding("loop"),
        ];
    }

    /// <summary>Whether the fence is what it has to be; each condition by itself, with what to do where one does not hold.</summary>
    public IReadOnlyList<Condition> Readiness()
    {
        lock (_lock)
        {
            return
            [
                .. Liveness(),
                OfSources(),
                _isNodeKnown ? Condition.Holding("node") : Condition.Failing("node", $"the API server has no node named {Node}, so no pod is fenced: set --node-name to its name there"),
                _isFenced ? Condition.Holding("fence") : Condition.Failing("fence", "nothing is written yet: what an earlier agent left stands"),
                OfStep("kernel", ReconcileStep.Write),
                OfStep("checks", ReconcileStep.Check),
                OfStep("drift", ReconcileStep.Read),
                OfStep("connections", ReconcileStep.Connections),
            ];
        }
    }

    internal void Applied(RulesetStats footprint)
    {
        lock (_lock)
        {
            _footprint = footprint;
            _lastApplied = _time.GetTimestamp();
        }
    }

    internal void Fenced() => Write(() => _isFenced = true);

    internal void NodeKnown(bool isKnown) => Write(() => _isNodeKnown = isKnown);

    internal void Failed(ReconcileStep step, string message) => Write(() => _failing[step] = message);

    internal void Recovered(ReconcileStep step) => Write(() => _failing.Remove(step));

    internal void Drifted() => Write(() => _drifts++);

    internal void Closed(IEnumerable<PolicyKey> policies) => Write(() => _closed = policies.ToHashSet());

    internal void Source(string kind, Func<SourceState, SourceState> change) =>
        Write(() => _sources[kind] = change(_sources.GetValueOrDefault(kind) ?? SourceState.Unknown(kind)));

    /// <summary>The loop is gone, and with it the agent.</summary>
    internal void Ended(string why) => Write(() => _end = why);

    private Condition OfSources()
    {
        var troubles = _sources.Values.Select(TroubleOf).OfType<string>().ToList();
        return troubles.Count == 0 ? Condition.Holding("sources") : Condition.Failing("sources", string.Join("; ", troubles));
    }

    // A watch ends now and then, and is started again at once; an API server that stays away is something else.
    private string? TroubleOf(SourceState source)
    {
        var why = source.Failure is null ? "" : $" ({source.Failure})";
        return !source.IsListed ? $"{source.Kind} not listed yet{why}"
            : source.DisconnectedAt is { } since && _time.GetElapsedTime(since) is var age && age > _patience ? $"{source.Kind} not heard of for {age.TotalSeconds:0} s{why}"
            : null;
    }

    private Condition OfStep(string name, ReconcileStep step) => _failing.TryGetValue(step, out var message) ? Condition.Failing(name, message) : Condition.Holding(name);

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

/// <summary>One thing that has to hold.</summary>
/// <param name="Name">A word for it.</param>
/// <param name="Holds">Whether it does.</param>
/// <param name="Message">Why it does not, and what to do; null where it does.</param>
public sealed record Condition(string Name, bool Holds, string? Message)
{
    /// <summary>It holds.</summary>
    public static Condition Holding(string name) => new(name, Holds: true, null);

    /// <summary>It does not.</summary>
    public static Condition Failing(string name, string message) => new(name, Holds: false, message);
}

/// <summary>What is known of one kind's source.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="IsListed">Whether all objects were told once.</param>
/// <param name="DisconnectedAt">Since when no watch stands, as a timestamp of the clock; null while one does.</param>
/// <param name="Failure">The last failure; null where all is well.</param>
/// <param name="Version">The API server's version up to which everything of the kind is in the kernel; null before the first.</param>
public sealed record SourceState(string Kind, bool IsListed, long? DisconnectedAt, string? Failure, string? Version = null)
{
    /// <summary>Before anything was heard.</summary>
    public static SourceState Unknown(string kind) => new(kind, IsListed: false, null, null);
}
