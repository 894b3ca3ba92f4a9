namespace Podfence.Agent;

/// <summary>How existing connections are handled when a policy change denies them.</summary>
public enum ExistingConnections : byte
{
    /// <summary>They stay open until they end: policies decide on the first packet of a connection.</summary>
    Keep,

    /// <summary>Those that are denied now are terminated, and no others.</summary>
    Terminate,
}

/// <summary>
/// How a <see cref="ReconcileLoop"/> handles the connections that the kernel tracks. Every time is at most a day.
/// </summary>
public sealed record ConnectionOptions
{
    /// <summary>
    /// Existing connections that a policy change denies; <see cref="ExistingConnections.Keep"/> by default.
    /// </summary>
    public ExistingConnections Existing { get; init; }

    /// <summary>
    /// Minimum time between two sweeps for connections to terminate; restrictions that come meanwhile wait for the
    /// next. 250 ms by default; at least 1 ms.
    /// </summary>
    public TimeSpan TerminateInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Maximum fraction of the time spent on sweeps. 0.05 by default; at least 0.001, at most 1.
    /// </summary>
    public double MaxSweepFraction { get; init; } = 0.05;

    /// <summary>
    /// Length of the slices in which a sweep is done, and so how long a transaction may have to wait for it. 2 ms by
    /// default; at least 0.1 ms.
    /// </summary>
    public TimeSpan Slice { get; init; } = TimeSpan.FromMilliseconds(2);
}
