using System.IO.Compression;

namespace Podfence.Kubernetes;

/// <summary>The body of an answer, while it comes.</summary>
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
        _content = message.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(_wire, CompressionMode.Decompress) : _wire;
        _what = what;
    }

    /// <summary>Bytes that came over the connection, as compressed as they were.</summary>
    public long WireBytes => _wire.Count;

    /// <summary>Reads what there is, 0 at the end.</summary>
    /// <exception cref="KubeException">The connection broke, or the body is no gzip although it says so.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (Failures.IsKnown(fault))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failures.From(fault, _what);
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
