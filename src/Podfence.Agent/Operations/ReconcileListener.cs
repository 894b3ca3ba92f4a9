using Microsoft.Extensions.Logging;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Turns what the loop tells into numbers, states, log lines and events about policies.</summary>
internal sealed class ReconcileListener(AgentState state, AgentMetrics metrics, PolicyEvents events, Action<long> reached, ILogger logger) : IReconcileListener
{
    private bool _isFenced;
    private bool _isDrifted;

    public void Applied(AppliedChange change)
    {
        state.Applied(change.RulesetStats);
        metrics.Applied(change);
        if (_isDrifted)
        {
            _isDrifted = false;
            metrics.DriftRepaired();
        }

        logger.Applied(change.Events, change.Elapsed.TotalMilliseconds, change.Replaced, change.Delay?.TotalMilliseconds);
    }

    public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter)
    {
        state.Failed(step, failure.Message);
        metrics.Failed(step, failure.Failure);
        logger.Failed(step, failure.Failure, retryAfter.TotalMilliseconds, failure.Message);
    }

    public void Recovered(ReconcileStep step)
    {
        state.Recovered(step);
        logger.Recovered(step);
    }

    public void Closed(IReadOnlyCollection<FenceBuildFailure> faults)
    {
        state.Closed(faults.SelectMany(static fault => fault.Policies));
        foreach (var fault in faults)
        {
            logger.Closed(string.Join(", ", fault.Policies), fault.Direction, fault.Cause.Message);
        }

        foreach (var group in faults.SelectMany(static fault => fault.Policies.Select(policy => (Policy: policy, Fault: fault))).GroupBy(static pair => pair.Policy))
        {
            events.Post(group.Key, PolicyEventReason.PolicyFailedClosed, string.Join(" ", group.Select(static pair => $"{pair.Fault.Direction}: {pair.Fault.Cause.Message}").Distinct(StringComparer.Ordinal)));
        }
    }

    public void Drifted(IReadOnlyList<string> differences)
    {
        _isDrifted = true;
        state.Drifted();
        metrics.DriftFound();
        logger.Drifted(differences.Count, differences[0]);
    }

    public void ConnectionsSwept(SweepResult swept)
    {
        metrics.ConnectionsSwept(swept);
        logger.ConnectionsSwept(swept.Read, swept.Removed, swept.Elapsed.TotalMilliseconds);
    }

    public void Reached(long barrier)
    {
        state.Fenced();
        if (!_isFenced)
        {
            _isFenced = true;
            var size = state.RulesetStats;
            logger.Fenced(size.Pods, size.Policies, size.Fences, size.Elements, size.Sets);
        }

        reached(barrier);
    }
}
