using System.Buffers;

namespace Podfence.Kubernetes;

/// <summary>The bytes of an answer that were read and not yet used, in one rented buffer that grows with what has to be seen as a whole.</summary>
internal sealed class ByteWindow : IDisposable
{
    private const int Usual = 64 << 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Usual);
    private int _start;
    private int _end;

    /// <summary>What is there.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>The first so many bytes are used; they stay readable until <see cref="Room"/> is asked for.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Bytes that were used last, for as long as they stay.</summary>
    /// <param name="back">How far before the unread ones they begin.</param>
    /// <param name="length">How many.</param>
    public ReadOnlySpan<byte> Used(int back, int length) => _buffer.AsSpan(_start - back, length);

    /// <summary>Room to read into, behind what is there.</summary>
    public Memory<byte> Room()
    {
        var length = _end - _start;
        if (length == 0 && _buffer.Length > Usual * 4)
        {
            // One large object is no reason to hold its room for ever.
            Exchange(Usual, 0);
        }
        else if (length == 0)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            Exchange(length > _buffer.Length / 2 ? _buffer.Length * 2 : _buffer.Length, length);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So much was read into the room.</summary>
    public void Add(int count) => _end += count;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private void Exchange(int size, int length)
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
