using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent;

/// <summary>
/// Observes the reconcile loop, on the loop's thread; it must not block. An exception that it throws ends the loop.
/// </summary>
public interface IReconcileListener
{
    /// <summary>A transaction was committed.</summary>
    void Applied(AppliedChange change);

    /// <summary>A step failed. The rules in the kernel stay in force; the loop tries again.</summary>
    /// <param name="step">The step.</param>
    /// <param name="failure">Why it failed.</param>
    /// <param name="retryAfter">The time until the next try; zero if it follows at once.</param>
    void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter);

    /// <summary>A step that had failed has succeeded.</summary>
    void Recovered(ReconcileStep step);

    /// <summary>
    /// After a transaction: fences that could not be built, and fail closed. All traffic of their pods in the fence's
    /// direction is denied; other fences are not affected. Called while there are any, and once when there are none
    /// any more.
    /// </summary>
    void FailedClosed(IReadOnlyCollection<FenceBuildFailure> failures);

    /// <summary>Another program has changed Podfence's rules; they are being restored.</summary>
    void Drifted(IReadOnlyList<string> differences);

    /// <summary>All events before the sync point are in the kernel, and every health check passes.</summary>
    void Reached(SyncPoint point);

    /// <summary>
    /// The kernel's connection table was swept, for connections of released addresses and, if configured, for those
    /// that are denied now.
    /// </summary>
    void ConnectionsSwept(SweepResult swept) { }

    /// <summary>
    /// The loop has worked. It does at least once per <see cref="ReconcileOptions.DriftInterval"/> after the first
    /// sync point; before it, only for events.
    /// </summary>
    void Stepped() { }
}

/// <summary>The steps of the loop, each with a back-off of its own.</summary>
public enum ReconcileStep
{
    /// <summary>Writes the cluster's state to the kernel.</summary>
    Write,

    /// <summary>Runs the health checks.</summary>
    Check,

    /// <summary>Reads the rules back from the kernel, to detect drift.</summary>
    Read,

    /// <summary>Sweeps the kernel's connection table.</summary>
    Connections,
}

/// <summary>One transaction.</summary>
/// <param name="Replaced">Whether the whole ruleset was replaced, as at start, after a failure and on drift.</param>
/// <param name="Events">The number of events that it contains.</param>
/// <param name="Elapsed">Compiling and committing together.</param>
/// <param name="Delay">
/// From the receipt of the oldest event to the commit; null if no event has a time of receipt.
/// </param>
/// <param name="RulesetStats">What is in the kernel now.</param>
public readonly record struct AppliedChange(
    bool Replaced,
    int Events,
    TimeSpan Elapsed,
    TimeSpan? Delay,
    RulesetStats RulesetStats
);

/// <summary>One sweep of the kernel's connection table.</summary>
/// <param name="Read">Connections that were read.</param>
/// <param name="Removed">Connections that were removed.</param>
/// <param name="Elapsed">Time spent on it, without the time between its slices.</param>
public readonly record struct SweepResult(long Read, long Removed, TimeSpan Elapsed);
