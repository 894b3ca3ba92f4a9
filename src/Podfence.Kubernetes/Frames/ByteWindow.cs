using System.Buffers;

namespace Podfence.Kubernetes;

/// <summary>
/// The bytes of a response that were read and not yet consumed, in one rented buffer that grows to hold the longest
/// frame.
/// </summary>
internal sealed class ByteWindow : IDisposable
{
    private const int InitialSize = 64 << 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _start;
    private int _end;

    /// <summary>Bytes that were read and not yet consumed.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Consumes bytes; they stay readable until the next <see cref="GetMemory"/>.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Bytes that were consumed last.</summary>
    /// <param name="back">How far before the buffered bytes they begin.</param>
    /// <param name="length">Their number.</param>
    public ReadOnlySpan<byte> Consumed(int back, int length) => _buffer.AsSpan(_start - back, length);

    /// <summary>Free memory after the buffered bytes, to read into.</summary>
    public Memory<byte> GetMemory()
    {
        var length = _end - _start;
        if (length == 0 && _buffer.Length > InitialSize * 4)
        {
            // One large object must not keep its buffer rented until the watch ends.
            Resize(InitialSize, 0);
        }
        else if (length == 0)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            Resize(length > _buffer.Length / 2 ? _buffer.Length * 2 : _buffer.Length, length);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Adds bytes that were read into <see cref="GetMemory"/>.</summary>
    public void Advance(int count) => _end += count;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private void Resize(int size, int length)
    {
        var next = size == _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, length).CopyTo(next);
        if (!ReferenceEquals(next, _buffer))
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = next;
        }

        (_start, _end) = (0, length);
    }
}
