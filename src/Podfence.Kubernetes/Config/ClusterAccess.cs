using System.Net;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// How, and with which identity, an API server is reached. What rotates (token files, certificates, plugin output) is
/// read when it is needed, not here.
/// </summary>
public sealed class ClusterAccess
{
    internal ClusterAccess(Uri server, CredentialSource credentials, string origin)
    {
        Server = server;
        Credentials = credentials;
        Origin = origin;
    }

    /// <summary>The API server's address; paths are appended to it.</summary>
    public Uri Server { get; }

    /// <summary>
    /// Where this was read, for messages: <c>context lab of /root/.kube/config</c>, <c>service account of the pod</c>.
    /// </summary>
    public string Origin { get; }

    /// <summary>The default namespace: the context's, or the pod's. Null if none is set (<c>default</c>).</summary>
    public string? Namespace { get; init; }

    /// <summary>The name in the server's certificate, if it differs from the address. Null by default.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Whether the server's certificate is not verified. False by default.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The authorities that sign the server's certificate; the system's if null.</summary>
    internal PemSource? Authorities { get; init; }

    /// <summary>The proxy; null for none.</summary>
    internal IWebProxy? Proxy { get; init; }

    internal CredentialSource Credentials { get; }

    /// <summary>Determines the access as <see cref="AccessOptions"/> describes.</summary>
    /// <exception cref="AccessException">There is none, or it is invalid.</exception>
    public static ClusterAccess Load(AccessOptions? options = null)
    {
        options ??= new AccessOptions();
        if (KubeconfigFiles.Find(options) is { } files)
        {
            return KubeconfigAccess.Read(files, options);
        }

        return InClusterAccess.Read(options);
    }

    /// <summary>An address and, if the server requires one, a token; with the system's authorities.</summary>
    public static ClusterAccess To(Uri server, string? token = null)
    {
        var credentials = new UserCredentials { Token = token is null ? null : TextSource.OfValue(token) };
        return new ClusterAccess(server, credentials, server.ToString());
    }

    /// <summary>The address and where it was read; contains no secret.</summary>
    public override string ToString() => $"{Server} ({Origin})";
}
