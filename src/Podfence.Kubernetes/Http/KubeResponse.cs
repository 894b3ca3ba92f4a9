using System.IO.Compression;

namespace Podfence.Kubernetes;

/// <summary>The body of a response, while it arrives.</summary>
internal sealed class KubeResponse : IDisposable
{
    private readonly HttpResponseMessage _message;
    private readonly CountedStream _wire;
    private readonly Stream _content;
    private readonly string _what;

    public KubeResponse(HttpResponseMessage message, Stream wire, string what)
    {
        _message = message;
        _wire = new CountedStream(wire);
        _content = message.Content.Headers.ContentEncoding.Contains("gzip")
            ? new GZipStream(_wire, CompressionMode.Decompress)
            : _wire;
        _what = what;
    }

    /// <summary>Bytes that arrived over the connection, counted as compressed.</summary>
    public long WireBytes => _wire.Count;

    /// <summary>Reads what is available; 0 at the end.</summary>
    /// <exception cref="KubeException">The connection broke, or the body is not gzip as its header states.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (TransportErrors.IsKnown(fault))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TransportErrors.From(fault, _what);
        }
    }

    public void Dispose()
    {
        if (!ReferenceEquals(_content, _wire))
        {
            _content.Dispose();
        }

        _wire.Dispose();
        _message.Dispose();
    }
}
