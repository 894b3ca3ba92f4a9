using System.Net;

namespace Podfence.Kubernetes;

/// <summary>A request to the API server, or a watch, came to nothing. The message says of what, and holds no secret.</summary>
public sealed class KubeException : Exception
{
    internal KubeException(KubeError reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>Why, for decisions, log fields and metric labels.</summary>
    public KubeError Reason { get; }

    /// <summary>The HTTP status; null where there was no answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>When the server wants to be asked again at the earliest; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
