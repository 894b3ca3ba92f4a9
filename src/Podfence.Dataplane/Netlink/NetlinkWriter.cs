using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Podfence.Dataplane;

/// <summary>
/// Writes netlink messages one after the other into a pooled buffer that doubles when it is full. Lengths are filled in
/// when a message or a nested attribute ends, so that nothing is moved: the cost is in proportion to what is written.
/// </summary>
internal sealed class NetlinkWriter : IDisposable
{
    /// <summary>Attributes have 16 bits for their length.</summary>
    internal const int MaxAttributeLength = ushort.MaxValue;

    internal const int AttributeHeaderLength = 4;
    private const ushort NestedFlag = 0x8000;
    private byte[] _buffer;
    private int _message;

    internal NetlinkWriter(int capacity = 16 * 1024) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written so far; also where the next ones go.</summary>
    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    /// <summary>Starts a message with the four bytes that all of netfilter's messages begin with.</summary>
    internal void BeginMessage(ushort type, ushort flags, uint sequence, byte family, ushort resource = 0)
    {
        _message = Length;
        var header = Append(NetlinkMessage.HeaderLength + NetlinkMessage.NetfilterHeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], sequence);
        header[16] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header[18..], resource);
    }

    internal void EndMessage() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_message), Length - _message);

    /// <summary>Adds a flag to the message that was begun last.</summary>
    internal void AddMessageFlag(ushort flag) => _buffer[_message + 6] |= (byte)flag;

    /// <summary>Starts a nested attribute.</summary>
    /// <returns>What <see cref="EndNest"/> needs.</returns>
    internal int BeginNest(int type)
    {
        var start = Length;
        BinaryPrimitives.WriteUInt16LittleEndian(Append(AttributeHeaderLength)[2..], (ushort)(type | NestedFlag));
        return start;
    }

    internal void EndNest(int start)
    {
        var length = checked((ushort)(Length - start));
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(start), length);
    }

    /// <summary>An attribute whose content the caller fills in at once; the padding follows it already.</summary>
    internal Span<byte> PutSpan(int type, int length)
    {
        var total = AttributeHeaderLength + length;
        var span = Append((total + 3) & ~3);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)total));
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], (ushort)type);
        return span.Slice(AttributeHeaderLength, length);
    }

    internal void PutBytes(int type, ReadOnlySpan<byte> value) => value.CopyTo(PutSpan(type, value.Length));

    /// <summary>nf_tables' numbers are in network byte order.</summary>
    internal void PutUInt32(int type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(PutSpan(type, 4), value);

    /// <summary>A string with its closing zero.</summary>
    internal void PutString(int type, string value) =>
        Encoding.UTF8.GetBytes(value, PutSpan(type, Encoding.UTF8.GetByteCount(value) + 1));

    private Span<byte> Append(int length)
    {
        var end = checked(Length + length);
        if (end > _buffer.Length)
        {
            Grow(end);
        }

        var span = _buffer.AsSpan(Length, length);
        span.Clear();
        Length = end;
        return span;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(2L * _buffer.Length, Array.MaxLength)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
