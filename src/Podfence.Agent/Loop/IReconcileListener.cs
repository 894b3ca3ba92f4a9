using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent;

/// <summary>Hears what the reconcile loop does, on the loop's thread; it must not wait. What it throws ends the loop.</summary>
public interface IReconcileListener
{
    /// <summary>A transaction is in force.</summary>
    void Applied(AppliedChange change);

    /// <summary>A step failed. What is in force stays; the loop tries again.</summary>
    /// <param name="step">What was tried.</param>
    /// <param name="failure">Why it failed.</param>
    /// <param name="retryAfter">How long the loop waits; zero where it is at it already.</param>
    void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter);

    /// <summary>A step that had failed has succeeded.</summary>
    void Recovered(ReconcileStep step);

    /// <summary>
    /// After a transaction: fences that could not be built. Their pods are refused everything in the direction; all others are as they should be.
    /// Told where there are any, and once when there are none any more.
    /// </summary>
    void Closed(IReadOnlyCollection<FenceBuildFailure> faults);

    /// <summary>Somebody else changed what is ours; it is being put right.</summary>
    void Drifted(IReadOnlyList<string> differences);

    /// <summary>Everything before the barrier is in the kernel, and every check holds.</summary>
    void Reached(long barrier);

    /// <summary>The kernel's connections were looked through, for those of released addresses and, where that is chosen, for those that are denied now.</summary>
    void ConnectionsSwept(SweepResult swept)
    {
    }
}

/// <summary>What the loop tries, each with a backoff of its own.</summary>
public enum ReconcileStep
{
    /// <summary>To bring the kernel to the cluster's state.</summary>
    Write,

    /// <summary>To find every health check holding.</summary>
    Check,

    /// <summary>To read back what is in the kernel, for drift.</summary>
    Read,

    /// <summary>To look through the kernel's connections, for those that are to go.</summary>
    Connections,
}

/// <summary>One transaction.</summary>
/// <param name="Replaced">Whether the whole ruleset was replaced, as at start, after a failure and on drift.</param>
/// <param name="Events">Events it answers, barriers not counted.</param>
/// <param name="Elapsed">Compiling and committing together.</param>
/// <param name="Delay">From when the source received the oldest of the events to the commit; null where no event says when it was received.</param>
/// <param name="RulesetStats">What is in the kernel now.</param>
public readonly record struct AppliedChange(bool Replaced, int Events, TimeSpan Elapsed, TimeSpan? Delay, RulesetStats RulesetStats);

/// <summary>One way through the kernel's connections.</summary>
/// <param name="Read">Connections that the kernel handed over.</param>
/// <param name="Removed">Connections that were taken away.</param>
/// <param name="Elapsed">Time spent on it; what was done between its slices is not counted.</param>
public readonly record struct SweepResult(long Read, long Removed, TimeSpan Elapsed);
