namespace Podfence.Kubernetes;

/// <summary>How patient a <see cref="KubeClient"/> is.</summary>
public sealed record KubeClientOptions
{
    /// <summary>Longest time to connect. 10 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time from the request to the head of the answer. 30 s by default.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence within the body of an answer that is no watch. 30 s by default.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an HTTP/2 connection is silent before the peer is asked whether it lives. 30 s by default; at least 1 s.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer has to answer that. 15 s by default; at least 1 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The User-Agent. <c>podfence/VERSION</c> by default.</summary>
    public string UserAgent { get; init; } = "podfence/" + typeof(KubeClientOptions).Assembly.GetName().Version!.ToString(3);
}
