using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// The agent's metrics, as .NET instruments; the exporter derives the Prometheus names. Every name and label is in
/// docs/operate/operations.md. Safe for all threads. Counters begin at zero for every known label, because a series
/// that appears with its first failure has no rate at that time.
/// </summary>
public sealed class AgentMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Podfence";

    /// <summary>The histogram of the time from an event to its commit in the kernel.</summary>
    public const string EventToKernel = "podfence.event_to_kernel";

    /// <summary>The histogram of the time of one transaction.</summary>
    public const string Apply = "podfence.apply";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _eventToKernel;
    private readonly Histogram<double> _apply;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _driftFound;
    private readonly Counter<long> _driftRepaired;
    private readonly Counter<long> _watchRestarts;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _bytesRead;
    private readonly Counter<long> _events;
    private readonly Counter<long> _connections;
    private readonly AgentState _state;

    /// <summary>Makes the instruments.</summary>
    /// <param name="state">The source of the gauges.</param>
    /// <param name="version">The version of this program.</param>
    public AgentMetrics(AgentState state, string version)
    {
        _state = state;
        _eventToKernel = _meter.CreateHistogram<double>(
            EventToKernel,
            "s",
            "Time from the receipt of an event of the API server to its commit in the kernel, of the oldest event of "
                + "each transaction"
        );
        _apply = _meter.CreateHistogram<double>(Apply, "s", "Time to compile and commit one transaction");
        _failures = _meter.CreateCounter<long>(
            "podfence.apply_failures",
            null,
            "Steps of the reconcile loop that failed"
        );
        _driftFound = _meter.CreateCounter<long>(
            "podfence.drift_found",
            null,
            "Times that another program had changed Podfence's rules"
        );
        _driftRepaired = _meter.CreateCounter<long>("podfence.drift_repaired", null, "Times that drift was repaired");
        _watchRestarts = _meter.CreateCounter<long>(
            "podfence.watch_restarts",
            null,
            "Watches of the API server that ended and were started again"
        );
        _unreadable = _meter.CreateCounter<long>(
            "podfence.unreadable_objects",
            null,
            "Objects of the API server with fields that could not be parsed"
        );
        _bytesRead = _meter.CreateCounter<long>("podfence.api_read", "By", "Bytes read from the API server");
        _events = _meter.CreateCounter<long>(
            "podfence.policy_events",
            null,
            "Kubernetes events on policies, by outcome"
        );

        _connections = _meter.CreateCounter<long>(
            "podfence.connections_removed",
            null,
            "Connections removed from the kernel's table: of released addresses, or denied by a changed policy"
        );
        Gauge("podfence.fenced_pods", "Pods of this node that are isolated", static state => state.RulesetStats.Pods);
        Gauge("podfence.fenced_addresses", "Pod addresses of this node that are isolated", static state =>
            state.RulesetStats.Addresses
        );
        Gauge("podfence.fences", "Fences in the kernel: one per direction, family and set of policies", static state =>
            state.RulesetStats.Fences
        );
        Gauge("podfence.rules", "Allow rules in all fences", static state => state.RulesetStats.Rules);
        Gauge("podfence.sets", "Address sets in the kernel", static state => state.RulesetStats.Sets);
        Gauge("podfence.set_elements", "Elements of all address sets", static state => state.RulesetStats.Elements);
        Gauge("podfence.ready", "Whether the rules are in sync with the API server: 1 or 0", static state =>
            state.IsReady ? 1 : 0
        );
        _meter.CreateObservableGauge(
            "podfence.policies",
            () => Policies(state),
            null,
            "Policies that isolate pods of this node: enforced, or failed: not compiled, so that their pods are "
                + "denied all traffic in the policy's directions"
        );
        _meter.CreateObservableGauge(
            "podfence.build_info",
            () => new Measurement<long>(1, new KeyValuePair<string, object?>("version", version)),
            null,
            "Always 1; the version is a label"
        );
    }

    /// <summary>
    /// Creates the known series; to be called when an exporter is attached, because earlier measurements are lost.
    /// </summary>
    public void Begin()
    {
        foreach (var reason in Enum.GetValues<DataplaneFailure>())
        {
            _failures.Add(0, Label("step", ReconcileStep.Write), Label("reason", reason));
        }

        _failures.Add(0, Label("step", ReconcileStep.Check), Label("reason", DataplaneFailure.BridgeNetfilterOff));
        _driftFound.Add(0);
        _driftRepaired.Add(0);
        _connections.Add(0);
        foreach (var kind in new[] { nameof(Pod), nameof(Namespace), nameof(Node), nameof(NetworkPolicy) })
        {
            _unreadable.Add(0, new KeyValuePair<string, object?>("kind", kind));
            _bytesRead.Add(0, new KeyValuePair<string, object?>("kind", kind));
        }
    }

    /// <summary>A transaction was committed.</summary>
    public void Applied(AppliedChange change)
    {
        _apply.Record(change.Elapsed.TotalSeconds);
        if (change.Delay is { } delay)
        {
            _eventToKernel.Record(delay.TotalSeconds);
        }
    }

    /// <summary>A step of the loop failed.</summary>
    public void Failed(ReconcileStep step, DataplaneFailure reason) =>
        _failures.Add(1, Label("step", step), Label("reason", reason));

    /// <summary>Drift was detected.</summary>
    public void DriftFound() => _driftFound.Add(1);

    /// <summary>Drift was repaired.</summary>
    public void DriftRepaired() => _driftRepaired.Add(1);

    /// <summary>The kernel's connection table was swept.</summary>
    public void ConnectionsSwept(SweepResult swept) => _connections.Add(swept.Removed);

    /// <summary>A watch was restarted.</summary>
    public void WatchRestarted(string kind, string reason) =>
        _watchRestarts.Add(1, new("kind", kind), new("reason", reason));

    /// <summary>Some fields of an object could not be parsed.</summary>
    public void Unreadable(string kind) => _unreadable.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Bytes were read from the API server.</summary>
    public void BytesRead(string kind, long bytes) =>
        _bytesRead.Add(bytes, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>A Kubernetes event was posted, rejected by the server or dropped.</summary>
    public void EventPosted(string outcome) => _events.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>The version of this program.</summary>
    public static string ProgramVersion() =>
        typeof(AgentMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    private static KeyValuePair<string, object?> Label<T>(string name, T value)
        where T : struct, Enum => new(name, JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    private static IEnumerable<Measurement<long>> Policies(AgentState state)
    {
        var failed = state.FailedPolicies.Count;
        yield return new Measurement<long>(
            Math.Max(0, state.RulesetStats.Policies - failed),
            new KeyValuePair<string, object?>("state", "enforced")
        );
        yield return new Measurement<long>(failed, new KeyValuePair<string, object?>("state", "failed"));
    }

    private void Gauge(string name, string description, Func<AgentState, long> value) =>
        _meter.CreateObservableGauge(name, () => value(_state), null, description);
}
