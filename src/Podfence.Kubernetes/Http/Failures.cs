using System.Net.Sockets;
using System.Security.Authentication;

namespace Podfence.Kubernetes;

/// <summary>Makes typed failures of what the runtime throws.</summary>
internal static class Failures
{
    /// <summary>Whether it is the network's, the server's or the credentials' failure, and not a fault of ours.</summary>
    public static bool IsKnown(Exception fault) =>
        fault is HttpRequestException or IOException or SocketException or AuthenticationException or AccessException or InvalidDataException or ObjectDisposedException;

    /// <summary>What it means.</summary>
    /// <param name="fault">One that <see cref="IsKnown"/> knows.</param>
    /// <param name="what">What was asked for.</param>
    public static KubeException From(Exception fault, string what)
    {
        var reason = fault switch
        {
            AccessException => KubeError.CredentialsFailed,
            _ when Has<AuthenticationException>(fault) => KubeError.TlsFailed,
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => KubeError.TlsFailed,
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => KubeError.BadAnswer,
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError } => KubeError.ConnectionFailed,
            InvalidDataException => KubeError.BadAnswer,
            _ => KubeError.ConnectionLost,
        };
        return new KubeException(reason, $"{what}: {Innermost(fault)}", fault);
    }

    private static bool Has<T>(Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            if (at is T)
            {
                return true;
            }
        }

        return false;
    }

    // The outer messages say that an error occurred, the inner ones which.
    private static string Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner)
        {
            fault = inner;
        }

        return fault.Message;
    }
}
