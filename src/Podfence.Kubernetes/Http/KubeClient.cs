using System.Net;
using System.Net.Http.Headers;

namespace Podfence.Kubernetes;

/// <summary>
/// Speaks HTTP to one API server: HTTP/2 where there is TLS and the server has it, HTTP/1.1 otherwise. Credentials are asked for with each request, so that what rotates
/// is noticed; where the server refuses them they are got anew, and the request is made once more if they have changed. Safe for several threads.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private const int MostRefusal = 64 << 10;
    private readonly ClusterAccess _access;
    private readonly KubeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Transport? _transport;
    private bool _isDisposed;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="access">The way to the server.</param>
    /// <param name="options">How patient to be; the defaults where absent.</param>
    /// <param name="time">The clock; the system's where absent. Only connecting and pings go by the runtime's own.</param>
    public KubeClient(ClusterAccess access, KubeClientOptions? options = null, TimeProvider? time = null)
    {
        _access = access;
        _options = options ?? new KubeClientOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The way to the server.</summary>
    public ClusterAccess Access => _access;

    /// <summary>How patient it is.</summary>
    internal KubeClientOptions Options => _options;

    /// <summary>The whole answer to a GET.</summary>
    /// <param name="path">Path and query, such as <c>/version</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubeException">There is no answer, or it is a refusal.</exception>
    public async Task<byte[]> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(path, acceptGzip: true, cancellationToken).ConfigureAwait(false);
        return await ReadAllAsync(answer, $"GET {path}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Posts a JSON object, such as an event.</summary>
    /// <param name="path">The path of the collection.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the server made of it.</returns>
    /// <exception cref="KubeException">There is no answer, or it is a refusal.</exception>
    public Task<byte[]> PostAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) => ChangeAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <summary>Changes an object: POST, PUT, PATCH (a JSON merge patch) or DELETE.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path of the collection or the object.</param>
    /// <param name="json">UTF-8; the options of a DELETE.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the server made of it.</returns>
    /// <exception cref="KubeException">There is no answer, or it is a refusal.</exception>
    public async Task<byte[]> ChangeAsync(HttpMethod method, string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, json, acceptGzip: false, cancellationToken).ConfigureAwait(false);
        return await ReadAllAsync(answer, $"{method} {path}", cancellationToken).ConfigureAwait(false);
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

    /// <summary>The answer to a GET as it comes: a list to read object by object, or a watch.</summary>
    internal Task<KubeResponse> OpenAsync(string path, bool acceptGzip, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, acceptGzip, cancellationToken);

    private async Task<KubeResponse> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, bool acceptGzip, CancellationToken cancellationToken)
    {
        var what = $"{method} {path}";
        try
        {
            // Not within the time for an answer: a plugin may take longer, and has a time of its own.
            var credential = await CredentialAsync(anew: false, cancellationToken).ConfigureAwait(false);
            var answer = await SendOnceAsync(method, path, body, acceptGzip, credential, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
            {
                var other = await CredentialAsync(anew: true, cancellationToken).ConfigureAwait(false);
                if (!other.IsSameAs(credential))
                {
                    answer.Dispose();
                    answer = await SendOnceAsync(method, path, body, acceptGzip, other, cancellationToken).ConfigureAwait(false);
                }
            }

            var content = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var response = new KubeResponse(answer, content, what);
            if (answer.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await RefusalAsync(answer, response, what, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Either our patience or the runtime's for connecting is at its end.
            throw new KubeException(KubeError.Timeout, $"{what}: no answer in {_options.AnswerTimeout.TotalSeconds:0} s, or no connection in {_options.ConnectTimeout.TotalSeconds:0} s");
        }
        catch (Exception fault) when (Failures.IsKnown(fault))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failures.From(fault, what);
        }
    }

    private ValueTask<Credential> CredentialAsync(bool anew, CancellationToken cancellationToken) => _access.Credentials.GetAsync(anew, cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, bool acceptGzip, Credential credential, CancellationToken cancellationToken)
    {
        // A server may stand below a path of its own, as behind a gateway.
        var address = new Uri(_access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + path, UriKind.Absolute);
        var request = new HttpRequestMessage(method, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
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

        // The runtime takes the name that it asks for and checks from here.
        request.Headers.Host = _access.TlsServerName;
        if (body is { } json)
        {
            request.Content = new ReadOnlyMemoryContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        using var timeout = new CancellationTokenSource(_options.AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return await TransportFor(credential).SendAsync(request, either.Token).ConfigureAwait(false);
    }

    private Transport TransportFor(Credential credential)
    {
        var authorities = _access.Authorities?.ReadPem("CERTIFICATE");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_transport?.Serves(authorities, credential) != true)
            {
                var next = new Transport(_access, _options, authorities, credential);
                _transport?.Dispose();
                _transport = next;
            }

            return _transport;
        }
    }

    private async Task<KubeException> RefusalAsync(HttpResponseMessage answer, KubeResponse response, string what, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var body = new byte[MostRefusal];
        var length = 0;
        while (length < body.Length && await response.ReadAsync(body.AsMemory(length), either.Token).ConfigureAwait(false) is > 0 and var read)
        {
            length += read;
        }

        return StatusReader.Read(answer.StatusCode, body.AsSpan(0, length), what, answer.Headers.RetryAfter?.Delta);
    }

    private async Task<byte[]> ReadAllAsync(KubeResponse answer, string what, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        using var timeout = new CancellationTokenSource(_options.BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var buffer = new byte[16 << 10];
        try
        {
            while (await answer.ReadAsync(buffer, either.Token).ConfigureAwait(false) is > 0 and var read)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubeException(KubeError.Timeout, $"{what}: the answer did not come to its end in {_options.BodyTimeout.TotalSeconds:0} s");
        }

        return all.ToArray();
    }
}
