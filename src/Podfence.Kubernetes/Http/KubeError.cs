namespace Podfence.Kubernetes;

/// <summary>Why a request to the API server, or a watch, came to nothing. The names are values of log fields and of metric labels.</summary>
public enum KubeError
{
    /// <summary>401: the credentials are not taken, read anew included.</summary>
    Unauthorized,

    /// <summary>403: we are known and not allowed to do this; RBAC lacks a rule.</summary>
    Forbidden,

    /// <summary>404: there is no such object, or the server does not serve the kind.</summary>
    NotFound,

    /// <summary>409: another has changed or made the object.</summary>
    Conflict,

    /// <summary>410: what was asked for is compacted away. The answer is a new list.</summary>
    Gone,

    /// <summary>The server is behind the version that was asked for: it was restored to an older state. The answer is a new list.</summary>
    VersionTooLarge,

    /// <summary>429: too much is asked of the server; it may say when to come again.</summary>
    TooManyRequests,

    /// <summary>Another 4xx: the server does not know what was asked for, or refuses it.</summary>
    Refused,

    /// <summary>5xx: the server, or what stands before it, is in trouble.</summary>
    ServerError,

    /// <summary>No answer, or no further part of one, in time.</summary>
    Timeout,

    /// <summary>No connection: no such host, no route, refused, or the proxy refuses.</summary>
    ConnectionFailed,

    /// <summary>The connection broke while it was used.</summary>
    ConnectionLost,

    /// <summary>The server's certificate is not trusted or carries another name, or ours is not taken.</summary>
    TlsFailed,

    /// <summary>There are no credentials to show: a file is gone, a plugin fails.</summary>
    CredentialsFailed,

    /// <summary>The answer is not what the API promises.</summary>
    BadAnswer,
}
