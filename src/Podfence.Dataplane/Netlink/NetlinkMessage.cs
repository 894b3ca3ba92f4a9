using System.Buffers.Binary;
using System.Text;

namespace Podfence.Dataplane;

/// <summary>One received message in place.</summary>
internal readonly ref struct NetlinkMessage
{
    internal const int HeaderLength = 16;
    internal const int NetfilterHeaderLength = 4;

    internal const ushort TypeError = 2;
    internal const ushort TypeDone = 3;

    internal const ushort FlagRequest = 0x1;
    internal const ushort FlagAck = 0x4;
    internal const ushort FlagDumpInterrupted = 0x10;
    internal const ushort FlagAckCapped = 0x100;
    internal const ushort FlagAckAttributes = 0x200;
    internal const ushort FlagDump = 0x300;
    internal const ushort FlagExclusive = 0x200;
    internal const ushort FlagCreate = 0x400;
    internal const ushort FlagAppend = 0x800;

    private readonly ReadOnlySpan<byte> _bytes;

    private NetlinkMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    internal ushort Type => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[4..]);

    internal ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[6..]);

    internal uint Sequence => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);

    /// <summary>What follows the header.</summary>
    internal ReadOnlySpan<byte> Payload => _bytes[HeaderLength..];

    /// <summary>The attributes of a netfilter message.</summary>
    internal NetlinkAttributes Attributes =>
        new(
            _bytes.Length < HeaderLength + NetfilterHeaderLength ? [] : _bytes[(HeaderLength + NetfilterHeaderLength)..]
        );

    /// <summary>Reads the next message from the received bytes.</summary>
    internal static bool TryTake(ref ReadOnlySpan<byte> received, out NetlinkMessage message)
    {
        message = default;
        if (received.Length < HeaderLength)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(received);
        if (length < HeaderLength || length > (uint)received.Length)
        {
            return false;
        }

        message = new NetlinkMessage(received[..(int)length]);
        received = received[Math.Min(received.Length, ((int)length + 3) & ~3)..];
        return true;
    }

    /// <summary>Reads an error or acknowledgement.</summary>
    internal NetlinkResponse ReadResponse()
    {
        var payload = Payload;
        if (payload.Length < 4)
        {
            return new NetlinkResponse(Sequence, Errno.Invalid, null, null);
        }

        var error = -BinaryPrimitives.ReadInt32LittleEndian(payload);
        if ((Flags & FlagAckAttributes) == 0 || payload.Length < 4 + HeaderLength)
        {
            return new NetlinkResponse(Sequence, error, null, null);
        }

        // With CAP_ACK only the header of the rejected message is echoed; without, all of it (errors only).
        var echoed =
            (Flags & FlagAckCapped) != 0 || error == 0
                ? HeaderLength
                : (int)BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
        var start = 4 + ((echoed + 3) & ~3);
        string? text = null;
        uint? offset = null;
        foreach (var attribute in new NetlinkAttributes(start <= payload.Length ? payload[start..] : []))
        {
            if (attribute.Type == 1)
            {
                text = attribute.AsString();
            }
            else if (attribute.Type == 2 && attribute.Value.Length == 4)
            {
                offset = BinaryPrimitives.ReadUInt32LittleEndian(attribute.Value);
            }
        }

        return new NetlinkResponse(Sequence, error, text, offset);
    }
}

/// <summary>The kernel's response to one message.</summary>
/// <param name="Sequence">Of the message.</param>
/// <param name="Error">0, or a positive error number.</param>
/// <param name="Text">The kernel's error text, if any.</param>
/// <param name="Offset">Offset in the message of the attribute at error.</param>
internal readonly record struct NetlinkResponse(uint Sequence, int Error, string? Text, uint? Offset)
{
    /// <summary>The name of the error, with the kernel's text where there is one.</summary>
    internal string ErrorText => Text is null ? Errno.Name(Error) : $"{Errno.Name(Error)}, {Text}";
}

/// <summary>Enumerates attributes; ends silently at the first that does not fit.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const ushort TypeMask = 0x3fff;
    private ReadOnlySpan<byte> _rest = bytes;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < NetlinkWriter.AttributeHeaderLength)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        if (length < NetlinkWriter.AttributeHeaderLength || length > _rest.Length)
        {
            return false;
        }

        var type = BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]) & TypeMask;
        Current = new NetlinkAttribute(type, _rest[NetlinkWriter.AttributeHeaderLength..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}

/// <summary>One attribute in place.</summary>
internal readonly ref struct NetlinkAttribute(int type, ReadOnlySpan<byte> value)
{
    internal int Type { get; } = type;

    internal ReadOnlySpan<byte> Value { get; } = value;

    internal NetlinkAttributes Nested => new(Value);

    /// <summary>A number in network byte order; 0 if the length is another.</summary>
    internal uint AsUInt32() => Value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    /// <summary>Text up to the closing zero.</summary>
    internal string AsString() => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));
}
