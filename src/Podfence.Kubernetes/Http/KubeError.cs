namespace Podfence.Kubernetes;

/// <summary>
/// Why a request to the API server, or a watch, failed. The names are values of log fields and of metric labels.
/// </summary>
public enum KubeError
{
    /// <summary>401: the server rejects the credentials, also after a refresh.</summary>
    Unauthorized,

    /// <summary>403: the user is known but not allowed to do this; RBAC lacks a rule.</summary>
    Forbidden,

    /// <summary>404: the object does not exist, or the server does not serve the kind.</summary>
    NotFound,

    /// <summary>409: another client has changed or created the object.</summary>
    Conflict,

    /// <summary>410: the requested version is compacted. A new list is needed.</summary>
    Gone,

    /// <summary>
    /// The server has not reached the requested version: it was restored to an older state. A new list is needed.
    /// </summary>
    VersionTooLarge,

    /// <summary>429: the server is overloaded; it may send Retry-After.</summary>
    TooManyRequests,

    /// <summary>Another 4xx: the server does not know the request, or rejects it.</summary>
    Rejected,

    /// <summary>5xx: an error of the server, or of a proxy before it.</summary>
    ServerError,

    /// <summary>No response, or no further part of one, in time.</summary>
    Timeout,

    /// <summary>No connection: no such host, no route, connection refused, or rejected by the proxy.</summary>
    ConnectionFailed,

    /// <summary>The connection broke while it was in use.</summary>
    ConnectionLost,

    /// <summary>
    /// The server's certificate is not trusted or has another name, or the client certificate is rejected.
    /// </summary>
    TlsFailed,

    /// <summary>There are no credentials: a file is missing, a plugin fails.</summary>
    CredentialsFailed,

    /// <summary>The response is not what the API promises.</summary>
    InvalidResponse,
}
