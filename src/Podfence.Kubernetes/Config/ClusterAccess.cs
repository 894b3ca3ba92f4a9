using System.Net;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>How and as whom an API server is reached. What rotates (token files, certificates, plugins' answers) is read when it is needed, not here.</summary>
public sealed class ClusterAccess
{
    internal ClusterAccess(Uri server, CredentialSource credentials, string origin)
    {
        Server = server;
        Credentials = credentials;
        Origin = origin;
    }

    /// <summary>The API server's address; paths are taken from its end.</summary>
    public Uri Server { get; }

    /// <summary>Where this was read, for messages: <c>context lab of /root/.kube/config</c>, <c>service account of the pod</c>.</summary>
    public string Origin { get; }

    /// <summary>The namespace of names that state none: the context's, or the one that the pod is in. Null where none is set, which means default.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name that the server's certificate has to carry, where it is another than the address's. Null by default.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Whether the server's certificate is taken unseen. False by default.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The authorities that may have signed the server's certificate; the system's where null.</summary>
    internal PemSource? Authorities { get; init; }

    /// <summary>The proxy; null for none.</summary>
    internal IWebProxy? Proxy { get; init; }

    internal CredentialSource Credentials { get; }

    /// <summary>Finds the way as <see cref="AccessOptions"/> says.</summary>
    /// <exception cref="AccessException">There is none, or what there is is not as it has to be.</exception>
    public static ClusterAccess Load(AccessOptions? options = null)
    {
        options ??= new AccessOptions();
        if (KubeconfigFiles.Find(options) is { } files)
        {
            return KubeconfigAccess.Read(files, options);
        }

        return InClusterAccess.Read(options);
    }

    /// <summary>An address and, where the server asks for one, a token; the system's authorities.</summary>
    public static ClusterAccess To(Uri server, string? token = null)
    {
        var credentials = new UserCredentials { Token = token is null ? null : TextSource.OfValue(token) };
        return new ClusterAccess(server, credentials, server.ToString());
    }

    /// <summary>The address and where it was read; nothing secret.</summary>
    public override string ToString() => $"{Server} ({Origin})";
}
