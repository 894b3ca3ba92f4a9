using System.Net.Sockets;
using System.Security.Authentication;

namespace Podfence.Kubernetes;

/// <summary>Converts exceptions of the runtime to typed failures.</summary>
internal static class TransportErrors
{
    /// <summary>Whether it is a failure of the network, the server or the credentials, and not a bug.</summary>
    public static bool IsKnown(Exception fault) =>
        fault
            is HttpRequestException
                or IOException
                or SocketException
                or AuthenticationException
                or AccessException
                or InvalidDataException
                or ObjectDisposedException;

    /// <summary>The typed failure.</summary>
    /// <param name="fault">An exception for which <see cref="IsKnown"/> is true.</param>
    /// <param name="what">The request, for the message.</param>
    public static KubeException From(Exception fault, string what)
    {
        var reason = fault switch
        {
            AccessException => KubeError.CredentialsFailed,
            _ when Has<AuthenticationException>(fault) => KubeError.TlsFailed,
            HttpRequestException request => Reason(request.HttpRequestError),
            InvalidDataException => KubeError.InvalidResponse,
            _ => KubeError.ConnectionLost,
        };
        return new KubeException(reason, $"{what}: {Innermost(fault)}", fault);
    }

    private static KubeError Reason(HttpRequestError error) =>
        error switch
        {
            HttpRequestError.SecureConnectionError => KubeError.TlsFailed,
            HttpRequestError.InvalidResponse => KubeError.InvalidResponse,
            HttpRequestError.ConfigurationLimitExceeded => KubeError.InvalidResponse,
            HttpRequestError.NameResolutionError => KubeError.ConnectionFailed,
            HttpRequestError.ConnectionError => KubeError.ConnectionFailed,
            HttpRequestError.ProxyTunnelError => KubeError.ConnectionFailed,
            _ => KubeError.ConnectionLost,
        };

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

    // The outer messages only report that an error occurred.
    private static string Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner)
        {
            fault = inner;
        }

        return fault.Message;
    }
}
