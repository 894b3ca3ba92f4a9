using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Podfence.Kubernetes;

/// <summary>
/// Connections with one client certificate and one set of trusted authorities. When either rotates, the client makes a
/// new transport and disposes of this one; requests in flight over it complete.
/// </summary>
internal sealed class Transport : IDisposable
{
    private readonly byte[]? _authorities;
    private readonly byte[]? _certificate;
    private readonly byte[]? _key;
    private readonly HttpMessageInvoker _invoker;
    private readonly SslStreamCertificateContext? _identity;

    public Transport(ClusterAccess access, KubeClientOptions options, byte[]? authorities, Credential credential)
    {
        _authorities = authorities;
        _certificate = credential.CertificatePem;
        _key = credential.KeyPem;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.PingDelay,
            KeepAlivePingTimeout = options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,

            // A watch is ended by closing it: it has no end to wait for.
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            Proxy = access.Proxy,
            UseProxy = access.Proxy is not null,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
        };
        try
        {
            _identity = ReadIdentity();
            handler.SslOptions = Tls(access);
        }
        catch (CryptographicException fault)
        {
            handler.Dispose();
            throw new AccessException(
                $"{access.Origin}: a certificate or its key cannot be read: {fault.Message} (both have to be PEM, "
                    + "the key without a password)",
                fault
            );
        }

        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>Whether these credentials and authorities are the ones in use.</summary>
    public bool Matches(byte[]? authorities, Credential credential) =>
        _authorities.AsSpan().SequenceEqual(authorities)
        && _certificate.AsSpan().SequenceEqual(credential.CertificatePem)
        && _key.AsSpan().SequenceEqual(credential.KeyPem);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();

    /// <summary>The Authorization header.</summary>
    public static AuthenticationHeaderValue? Header(string? authorization)
    {
        if (authorization is null)
        {
            return null;
        }

        if (authorization.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0)
        {
            throw new AccessException("the token contains a line break (write it on one line)");
        }

        var space = authorization.IndexOf(' ', StringComparison.Ordinal);
        return new AuthenticationHeaderValue(authorization[..space], authorization[(space + 1)..]);
    }

    // Like the runtime's own, with TCP keepalive besides: HTTP/1.1 has no ping.
    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslStreamCertificateContext? ReadIdentity()
    {
        if (_certificate is null || _key is null)
        {
            return null;
        }

        var certificates = Encoding.ASCII.GetString(_certificate);
        var leaf = X509Certificate2.CreateFromPem(certificates, Encoding.ASCII.GetString(_key));
        var signers = new X509Certificate2Collection();
        signers.ImportFromPem(certificates);
        return SslStreamCertificateContext.Create(leaf, signers, offline: true);
    }

    private SslClientAuthenticationOptions Tls(ClusterAccess access)
    {
        var tls = new SslClientAuthenticationOptions { ClientCertificateContext = _identity };
        if (access.SkipTlsVerify)
        {
            // Requested by the kubeconfig.
#pragma warning disable CA5359, MA0039
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (_authorities is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(_authorities));
            tls.CertificateChainPolicy = policy;
        }

        return tls;
    }
}
