using Microsoft.Extensions.Logging;
using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent;

/// <summary>Turns what the loop reports into metrics, state, log lines and events on policies.</summary>
internal sealed class ReconcileListener(
    AgentState state,
    AgentMetrics metrics,
    PolicyEvents events,
    SyncTracker sync,
    ILogger logger
) : IReconcileListener
{
    private bool _isSynced;
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

        var delay = change.Delay?.TotalMilliseconds;
        logger.Applied(change.Events, change.Elapsed.TotalMilliseconds, change.Replaced, delay);
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

    public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> failures)
    {
        state.FailedClosed(failures.SelectMany(static failure => failure.Policies));
        foreach (var failure in failures)
        {
            logger.FailedClosed(string.Join(", ", failure.Policies), failure.Direction, failure.Cause.Message);
        }

        var pairs = failures.SelectMany(static failure => failure.Policies.Select(policy => (Policy: policy, failure)));
        foreach (var group in pairs.GroupBy(static pair => pair.Policy, static pair => pair.failure))
        {
            var causes = group.Select(static failure => $"{failure.Direction}: {failure.Cause.Message}");
            var message = string.Join(" ", causes.Distinct(StringComparer.Ordinal));
            events.Post(group.Key, PolicyEventReason.PolicyFailedClosed, message);
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

    public void Reached(SyncPoint point)
    {
        state.Synced();
        if (!_isSynced)
        {
            _isSynced = true;
            var size = state.RulesetStats;
            logger.InitialSync(size.Pods, size.Policies, size.Fences, size.Elements, size.Sets);
        }

        sync.Reached(point);
    }

    public void Stepped() => state.Stepped();
}
