namespace Podfence.Kubernetes;

/// <summary>The pace of a <see cref="Reflector"/>.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Objects in a page of a list. 500 by default; at least 1.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Whether lists are asked for as streams (a server that has none is asked for pages instead). True by default.</summary>
    public bool StreamLists { get; init; } = true;

    /// <summary>How long a streamed list may bring nothing before pages are asked for instead. 10 s by default.</summary>
    public TimeSpan StreamPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shortest time that the server is asked to keep a watch. 5 min by default. The longest is twice that; each watch draws its own, so that not all agents come at once.</summary>
    public TimeSpan WatchTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than asked for a watch may last before it is given up. 30 s by default.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest silence of a watch; servers send a bookmark every minute or so. 150 s by default. It finds dead peers that neither pings nor the kernel find; where it is wrong,
    /// it costs one request.
    /// </summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>First wait after a failure, doubled each time; each wait is that, half as much or anything between. 250 ms by default.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait after a failure, where the server does not ask for more. 10 s by default.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A watch that has lasted so long makes the next failure a first one. 30 s by default.</summary>
    public TimeSpan HealthyAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Where the server could not be reached for so long, everything is listed anew: it may have been restored to an older state and have come to other objects under
    /// the versions that we know. 30 s by default.
    /// </summary>
    public TimeSpan OutageBeforeList { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after an event that is no JSON everything is listed anew, because nobody knows what it told. 30 s by default.</summary>
    public TimeSpan DoubtTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest object that is taken, in bytes. 8 MiB by default; a store takes 1.5 MiB.</summary>
    public int MaxObject { get; init; } = 8 << 20;
}
