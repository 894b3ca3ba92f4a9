namespace Podfence.Agent;

/// <summary>What becomes of established connections when a policy comes to deny them.</summary>
public enum ExistingConnections : byte
{
    /// <summary>They go on until they end: policies judge the first packet of a connection.</summary>
    Keep,

    /// <summary>Those that are denied now are cut, and no others.</summary>
    Terminate,
}

/// <summary>How a <see cref="ReconcileLoop"/> treats the connections that the kernel knows. Every time is at most a day.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Established connections that a policy comes to deny; <see cref="ExistingConnections.Keep"/> by default.</summary>
    public ExistingConnections Established { get; init; }

    /// <summary>Shortest time between two looks for connections to cut; what tightens meanwhile waits for the next. 250 ms by default; at least 1 ms.</summary>
    public TimeSpan CutInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Looking through connections takes at most one part in this many of the time. 20 by default; 0 to 1,000.</summary>
    public int Share { get; init; } = 20;

    /// <summary>How long a transaction may have to wait for looking through connections, which is done in pieces of this length. 2 ms by default; at least 0.1 ms.</summary>
    public TimeSpan Slice { get; init; } = TimeSpan.FromMilliseconds(2);
}
