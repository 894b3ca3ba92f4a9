namespace Podfence.Kubernetes;

/// <summary>Timing and limits of a <see cref="Reflector"/>.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Objects per page of a list. 500 by default; at least 1.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Whether to ask for lists as streams; a server without them is asked for pages instead. True by default.
    /// </summary>
    public bool StreamLists { get; init; } = true;

    /// <summary>
    /// How long a streamed list may bring no object before pages are asked for instead. 10 s by default.
    /// </summary>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Minimum time that the server is asked to keep a watch. 5 min by default. The maximum is twice that; each watch
    /// draws its own, so that not all agents reconnect at once.
    /// </summary>
    public TimeSpan WatchTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than requested a watch may last before the client ends it. 30 s by default.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Maximum silence of a watch; servers send a bookmark about every minute. 150 s by default. It finds dead peers
    /// that neither HTTP/2 pings nor TCP keepalive find; a false alarm costs one request.
    /// </summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>
    /// First wait after a failure, doubled each time and multiplied by a random factor from 0.5 to 1. 250 ms by
    /// default.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Maximum wait after a failure, unless the server asks for more. 10 s by default.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A watch that has lasted this long resets the back-off. 30 s by default.</summary>
    public TimeSpan HealthyAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After an outage of this length all objects are listed again: the server may have been restored to an older
    /// state, and have given the versions that the client knows to other objects. 30 s by default.
    /// </summary>
    public TimeSpan OutageBeforeList { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after an event that is not JSON all objects are listed again, because a change may be missing. 30 s by
    /// default.
    /// </summary>
    public TimeSpan RelistDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum size of an object, in bytes. 8 MiB by default; etcd accepts 1.5 MiB.</summary>
    public int MaxObject { get; init; } = 8 << 20;
}
