using System.Net;

namespace Podfence.Kubernetes;

/// <summary>
/// A request to the API server, or a watch, failed. The message names the request, and contains no secret.
/// </summary>
public sealed class KubeException : Exception
{
    internal KubeException(KubeError reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>The reason, for decisions, log fields and metric labels.</summary>
    public KubeError Reason { get; }

    /// <summary>The HTTP status; null without a response.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The server's Retry-After; null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The failure of a server that has stopped sending.</summary>
    internal static KubeException Silent(string path) =>
        new(KubeError.Timeout, $"GET {path}: the server has stopped sending");
}
