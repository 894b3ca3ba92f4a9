namespace Podfence.Kubernetes;

/// <summary>Timeouts of a <see cref="KubeClient"/>.</summary>
public sealed record KubeClientOptions
{
    /// <summary>Maximum time to connect. 10 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum time from the request to the head of the response. 30 s by default.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time for the body of a response that is not a watch. 30 s by default.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence of an HTTP/2 connection before a ping is sent. 30 s by default; at least 1 s.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time for the reply to a ping. 15 s by default; at least 1 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The User-Agent. <c>podfence/VERSION</c> by default.</summary>
    public string UserAgent { get; init; } =
        "podfence/" + typeof(KubeClientOptions).Assembly.GetName().Version!.ToString(3);
}
