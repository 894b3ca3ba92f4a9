namespace Podfence.Agent;

/// <summary>The pace of a <see cref="ReconcileLoop"/>.</summary>
public sealed record ReconcileOptions
{
    /// <summary>Shortest time between two transactions: what comes meanwhile goes into the next one. 2 ms by default.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>First wait after a failure, doubled each time. 50 ms by default.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait after a failure. 10 s by default.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks whether somebody else has changed the packet filter; the look costs one question to the kernel. 500 ms by default.</summary>
    public TimeSpan DriftInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Reading everything back takes at most one part in this many of the time, however often others change their own tables. 20 by default.</summary>
    public int VerifyShare { get; init; } = 20;

    /// <summary>Events that wait for the loop; a source that is faster waits. 8,192 by default.</summary>
    public int QueueCapacity { get; init; } = 8192;

    /// <summary>Most events that one transaction answers, so that a flood cannot put it off for ever. 100,000 by default.</summary>
    public int MaxBatch { get; init; } = 100_000;
}
