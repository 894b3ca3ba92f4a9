namespace Podfence.Agent;

/// <summary>Timing of a <see cref="ReconcileLoop"/>. Every time is at most a day.</summary>
public sealed record ReconcileOptions
{
    private static readonly TimeSpan s_max = TimeSpan.FromDays(1);

    /// <summary>
    /// Minimum time between two transactions: events that arrive meanwhile go into the next one. 2 ms by default; zero
    /// for none.
    /// </summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>First wait after a failure, doubled each time. 50 ms by default; at least 1 ms.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Maximum wait after a failure. 10 s by default; at least <see cref="RetryInterval"/>.
    /// </summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often to check for changes made by other programs; a check costs one request to the kernel. 500 ms by
    /// default; at least 1 ms.
    /// </summary>
    public TimeSpan DriftInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Maximum fraction of the time spent on reading the rules back, however often other programs change their own
    /// tables. 0.05 by default; at least 0.001, at most 1.
    /// </summary>
    public double MaxVerifyFraction { get; init; } = 0.05;

    /// <summary>
    /// Capacity of the loop's queue; a source that is faster waits. 8,192 by default; at least 1.
    /// </summary>
    public int QueueCapacity { get; init; } = 8192;

    /// <summary>
    /// Maximum number of events in one transaction, so that a flood cannot postpone it indefinitely. 100,000 by
    /// default; at least 1.
    /// </summary>
    public int MaxBatch { get; init; } = 100_000;

    /// <summary>How connections are handled; used if the loop has a connection table.</summary>
    public ConnectionOptions Connections { get; init; } = new();

    /// <summary>Rejects values with which the loop would spin or never write.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is not within its range; its name is the parameter's.
    /// </exception>
    internal void Validate()
    {
        var min = TimeSpan.FromMilliseconds(1);
        Require(MinInterval, TimeSpan.Zero, s_max, nameof(MinInterval));
        Require(RetryInterval, min, s_max, nameof(RetryInterval));
        Require(MaxRetryInterval, RetryInterval, s_max, nameof(MaxRetryInterval));
        Require(DriftInterval, min, s_max, nameof(DriftInterval));
        Require(MaxVerifyFraction, 0.001, 1, nameof(MaxVerifyFraction));
        Require(QueueCapacity, 1, int.MaxValue, nameof(QueueCapacity));
        Require(MaxBatch, 1, int.MaxValue, nameof(MaxBatch));
        Require(Connections.TerminateInterval, min, s_max, nameof(ConnectionOptions.TerminateInterval));
        Require(Connections.MaxSweepFraction, 0.001, 1, nameof(ConnectionOptions.MaxSweepFraction));
        Require(Connections.Slice, TimeSpan.FromMicroseconds(100), s_max, nameof(ConnectionOptions.Slice));
    }

    private static void Require<T>(T value, T min, T max, string name)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }
}
