namespace Podfence.Agent;

/// <summary>The pace of a <see cref="ReconcileLoop"/>. Every time is at most a day.</summary>
public sealed record ReconcileOptions
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Shortest time between two transactions: what comes meanwhile goes into the next one. 2 ms by default; zero for none.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>First wait after a failure, doubled each time. 50 ms by default; at least 1 ms.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait after a failure. 10 s by default; at least <see cref="RetryInterval"/>.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time between two looks whether somebody else has changed the packet filter; the look costs one question to the kernel. 500 ms by default; at least 1 ms.
    /// </summary>
    public TimeSpan DriftInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Reading everything back takes at most one part in this many of the time, however often others change their own tables. 20 by default; 0 to 1,000.
    /// </summary>
    public int VerifyShare { get; init; } = 20;

    /// <summary>Events that wait for the loop; a source that is faster waits. 8,192 by default; at least 1.</summary>
    public int QueueCapacity { get; init; } = 8192;

    /// <summary>Most events that one transaction answers, so that a flood cannot put it off for ever. 100,000 by default; at least 1.</summary>
    public int MaxBatch { get; init; } = 100_000;

    /// <summary>What becomes of connections; counts where the loop has a connection table.</summary>
    public ConnectionOptions Connections { get; init; } = new();

    /// <summary>Refuses what would make the loop spin or never write.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; its name is the parameter's.</exception>
    internal void Validate()
    {
        var least = TimeSpan.FromMilliseconds(1);
        Require(MinInterval, TimeSpan.Zero, s_longest, nameof(MinInterval));
        Require(RetryInterval, least, s_longest, nameof(RetryInterval));
        Require(MaxRetryInterval, RetryInterval, s_longest, nameof(MaxRetryInterval));
        Require(DriftInterval, least, s_longest, nameof(DriftInterval));
        Require(VerifyShare, 0, 1000, nameof(VerifyShare));
        Require(QueueCapacity, 1, int.MaxValue, nameof(QueueCapacity));
        Require(MaxBatch, 1, int.MaxValue, nameof(MaxBatch));
        Require(Connections.CutInterval, least, s_longest, nameof(ConnectionOptions.CutInterval));
        Require(Connections.Share, 0, 1000, nameof(ConnectionOptions.Share));
        Require(Connections.Slice, TimeSpan.FromMicroseconds(100), s_longest, nameof(ConnectionOptions.Slice));
    }

    private static void Require<T>(T value, T least, T most, string name)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
