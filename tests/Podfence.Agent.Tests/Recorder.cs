using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent.Tests;

/// <summary>Remembers what a loop says. May be read while the loop runs.</summary>
internal sealed class Recorder : IReconcileListener
{
    private readonly Lock _lock = new();
    private readonly List<AppliedChange> _applied = [];
    private readonly List<(DataplaneException Failure, TimeSpan RetryAfter)> _failures = [];
    private readonly List<IReadOnlyList<string>> _drifts = [];
    private readonly List<IReadOnlyCollection<FenceBuildFailure>> _failedClosed = [];
    private readonly List<long> _syncPoints = [];
    private readonly List<ReconcileStep> _recovered = [];
    private readonly List<SweepResult> _sweeps = [];

    /// <summary>Steps that succeeded after they had failed.</summary>
    public IReadOnlyList<ReconcileStep> Recoveries => Copy(_recovered);

    public IReadOnlyList<AppliedChange> Changes => Copy(_applied);

    public IReadOnlyList<(DataplaneException Failure, TimeSpan RetryAfter)> Failures => Copy(_failures);

    public IReadOnlyList<IReadOnlyCollection<FenceBuildFailure>> FailedFences => Copy(_failedClosed);

    public IReadOnlyList<IReadOnlyList<string>> Drifts => Copy(_drifts);

    public IReadOnlyList<long> SyncPoints => Copy(_syncPoints);

    public IReadOnlyList<SweepResult> Sweeps => Copy(_sweeps);

    public IEnumerable<double> Waits => Failures.Select(static failure => failure.RetryAfter.TotalMilliseconds);

    /// <summary>Thrown when a transaction is told, or null.</summary>
    public Exception? Fault { get; set; }

    public void Applied(AppliedChange change)
    {
        Add(_applied, change);
        if (Fault is not null)
        {
            throw Fault;
        }
    }

    public void Recovered(ReconcileStep step) => Add(_recovered, step);

    public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) =>
        Add(_failures, (failure, retryAfter));

    public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> failures) => Add(_failedClosed, failures);

    public void Drifted(IReadOnlyList<string> differences) => Add(_drifts, differences);

    public void Reached(SyncPoint point) => Add(_syncPoints, point.Number);

    public void ConnectionsSwept(SweepResult swept) => Add(_sweeps, swept);

    private void Add<T>(List<T> list, T item)
    {
        lock (_lock)
        {
            list.Add(item);
        }
    }

    private IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
