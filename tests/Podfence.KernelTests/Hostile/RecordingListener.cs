using Podfence.Agent;
using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.KernelTests;

/// <summary>Records the events of a reconcile loop.</summary>
internal sealed class RecordingListener : IReconcileListener
{
    private readonly Lock _lock = new();
    private readonly List<AppliedChange> _applied = [];
    private readonly List<DataplaneException> _failures = [];
    private readonly List<IReadOnlyList<string>> _drifts = [];
    private long _reached = -1;
    private long _removed;

    public int Replacements => Read(() => _applied.Count(static change => change.Replaced));

    public IReadOnlyList<DataplaneException> Failures => Read(() => _failures.ToList());

    /// <summary>The differences found, check by check.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Drifts => Read(() => _drifts.ToList());

    public long LastBarrier => Read(() => _reached);

    /// <summary>Connections that were deleted.</summary>
    public long ConnectionsRemoved => Read(() => _removed);

    public void Applied(AppliedChange change) => Write(() => _applied.Add(change));

    public void Recovered(ReconcileStep step) { }

    public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) =>
        Write(() => _failures.Add(failure));

    public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> faults) =>
        throw new InvalidOperationException($"closed: {string.Join("; ", faults)}");

    public void Drifted(IReadOnlyList<string> differences) => Write(() => _drifts.Add(differences));

    public void Reached(SyncPoint point) => Write(() => _reached = point.Number);

    public void ConnectionsSwept(SweepResult swept) => Write(() => _removed += swept.Removed);

    /// <summary>Waits until a condition holds; fails after half a minute.</summary>
    public async Task UntilAsync(Func<RecordingListener, bool> listener, CancellationToken cancel)
    {
        for (var begin = TimeProvider.System.GetTimestamp(); !listener(this); )
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(30),
                $"condition never held: barrier {LastBarrier}, {Replacements} replacements, {Drifts.Count} "
                    + $"drifts, failures: {string.Join("; ", Failures.Select(static failure => failure.Message))}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancel);
        }
    }

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
