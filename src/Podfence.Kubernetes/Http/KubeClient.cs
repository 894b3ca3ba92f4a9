using System.Net;
using System.Net.Http.Headers;

namespace Podfence.Kubernetes;

/// <summary>
/// HTTP client of one API server: HTTP/2 with TLS if the server has it, HTTP/1.1 otherwise. Credentials are read for
/// each request, so that rotation is noticed; if the server rejects them they are refreshed, and the request is sent
/// once more if they have changed. Safe for several threads.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private const int MaxErrorBody = 64 << 10;
    private readonly ClusterAccess _access;
    private readonly KubeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Transport? _transport;
    private bool _isDisposed;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="access">How the API server is reached.</param>
    /// <param name="options">Timeouts; the defaults if null.</param>
    /// <param name="time">The clock; the system's if null. Connecting and pings use the runtime's own clock.</param>
    public KubeClient(ClusterAccess access, KubeClientOptions? options = null, TimeProvider? time = null)
    {
        _access = access;
        _options = options ?? new KubeClientOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>How the API server is reached.</summary>
    public ClusterAccess Access => _access;

    /// <summary>Timeouts.</summary>
    internal KubeClientOptions Options => _options;

    /// <summary>The whole response to a GET.</summary>
    /// <param name="path">Path and query, such as <c>/version</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="KubeException">There is no response, or it is an error.</exception>
    public async Task<byte[]> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, acceptGzip: true, cancellationToken).ConfigureAwait(false);
        return await ReadAllAsync(response, $"GET {path}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Posts a JSON object, such as an event.</summary>
    /// <param name="path">The path of the collection.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response body.</returns>
    /// <exception cref="KubeException">There is no response, or it is an error.</exception>
    public Task<byte[]> PostAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <summary>Changes an object: POST, PUT, PATCH (a JSON merge patch) or DELETE.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path of the collection or the object.</param>
    /// <param name="json">UTF-8; the options of a DELETE.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response body.</returns>
    /// <exception cref="KubeException">There is no response, or it is an error.</exception>
    public async Task<byte[]> ChangeAsync(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    )
    {
        const bool AcceptGzip = false;
        using var response = await SendAsync(method, path, json, AcceptGzip, cancellationToken).ConfigureAwait(false);
        return await ReadAllAsync(response, $"{method} {path}", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _transport?.Dispose();
        }
    }

    /// <summary>The response to a GET as it arrives: a list to read object by object, or a watch.</summary>
    internal Task<KubeResponse> OpenAsync(string path, bool acceptGzip, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, acceptGzip, cancellationToken);

    private async Task<KubeResponse> SendAsync(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte>? body,
        bool acceptGzip,
        CancellationToken cancellationToken
    )
    {
        var what = $"{method} {path}";
        try
        {
            // Not within the response timeout: an exec plugin may take longer, and has a timeout of its own.
            var credential = await CredentialAsync(refresh: false, cancellationToken).ConfigureAwait(false);
            var message = await SendOnceAsync(method, path, body, acceptGzip, credential, cancellationToken)
                .ConfigureAwait(false);
            if (message.StatusCode == HttpStatusCode.Unauthorized)
            {
                var other = await CredentialAsync(refresh: true, cancellationToken).ConfigureAwait(false);
                if (!other.IsSameAs(credential))
                {
                    message.Dispose();
                    message = await SendOnceAsync(method, path, body, acceptGzip, other, cancellationToken)
                        .ConfigureAwait(false);
                }
            }

            var content = await message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var response = new KubeResponse(message, content, what);
            if (message.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await ReadErrorAsync(message, response, what, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Either the response timeout or the runtime's connect timeout has expired.
            var limits =
                $"no response in {_options.ResponseTimeout.TotalSeconds:0} s, or no connection in "
                + $"{_options.ConnectTimeout.TotalSeconds:0} s";
            throw new KubeException(KubeError.Timeout, $"{what}: {limits}");
        }
        catch (Exception fault) when (TransportErrors.IsKnown(fault))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TransportErrors.From(fault, what);
        }
    }

    private ValueTask<Credential> CredentialAsync(bool refresh, CancellationToken cancellationToken) =>
        _access.Credentials.GetAsync(refresh, cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte>? body,
        bool acceptGzip,
        Credential credential,
        CancellationToken cancellationToken
    )
    {
        // The server's address may have a path of its own, as behind a gateway.
        var address = new Uri(_access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + path, UriKind.Absolute);
        var request = new HttpRequestMessage(method, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            request.Version = HttpVersion.Version11;
        }

        request.Headers.Authorization = Transport.Header(credential.Authorization);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (acceptGzip)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }

        // The runtime takes the TLS server name from here.
        request.Headers.Host = _access.TlsServerName;
        if (body is { } json)
        {
            request.Content = new ReadOnlyMemoryContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"
            );
        }

        using var timeout = new CancellationTokenSource(_options.ResponseTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return await TransportFor(credential).SendAsync(request, either.Token).ConfigureAwait(false);
    }

    private Transport TransportFor(Credential credential)
    {
        var authorities = _access.Authorities?.ReadPem("CERTIFICATE");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_transport?.Matches(authorities, credential) != true)
            {
                var next = new Transport(_access, _options, authorities, credential);
                _transport?.Dispose();
                _transport = next;
            }

            return _transport;
        }
    }

    private async Task<KubeException> ReadErrorAsync(
        HttpResponseMessage message,
        KubeResponse response,
        string what,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(_options.BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var body = new byte[MaxErrorBody];
        var length = 0;
        while (
            length < body.Length
            && await response.ReadAsync(body.AsMemory(length), either.Token).ConfigureAwait(false) is > 0 and var read
        )
        {
            length += read;
        }

        return StatusReader.Read(message.StatusCode, body.AsSpan(0, length), what, message.Headers.RetryAfter?.Delta);
    }

    private async Task<byte[]> ReadAllAsync(KubeResponse response, string what, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        using var timeout = new CancellationTokenSource(_options.BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var buffer = new byte[16 << 10];
        try
        {
            while (await response.ReadAsync(buffer, either.Token).ConfigureAwait(false) is > 0 and var read)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubeException(
                KubeError.Timeout,
                $"{what}: the response was not complete after {_options.BodyTimeout.TotalSeconds:0} s"
            );
        }

        return all.ToArray();
    }
}
