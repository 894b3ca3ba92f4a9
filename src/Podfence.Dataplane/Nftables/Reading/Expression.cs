using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// An expression as read from the kernel, with the parts that <see cref="RuleDecoder"/> needs. Registers are counted in
/// units of 4 bytes from 0.
/// </summary>
internal abstract record Expression
{
    /// <summary>
    /// Decodes one; an expression that Podfence does not write becomes an <see cref="UnknownExpression"/>.
    /// </summary>
    internal static Expression Read(NetlinkAttributes attributes)
    {
        string? name = null;
        NetlinkAttributes data = default;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.ExpressionAttribute.Name)
            {
                name = attribute.AsString();
            }
            else if (attribute.Type == NfTables.ExpressionAttribute.Data)
            {
                data = attribute.Nested;
            }
        }

        Expression? expression = name switch
        {
            "meta" => ReadLoad(data, 1, 2) is var (register, key) ? new MetaLoad(key, register) : null,
            "ct" => ReadLoad(data, 1, 2) is var (register, key) ? new CtLoad(key, register) : null,
            "bitwise" => ReadMask(data),
            "cmp" => ReadComparison(data),
            "payload" => ReadPayload(data),
            "lookup" => ReadLookup(data),
            "immediate" => ReadImmediate(data),
            "reject" => ReadReject(data),
            "byteorder" => ReadByteOrder(data),
            _ => null,
        };
        return expression ?? new UnknownExpression(name ?? "");
    }

    /// <summary>
    /// Exactly a destination register and a key: with a direction or a source register it is another expression.
    /// </summary>
    private static (uint Register, uint Key)? ReadLoad(NetlinkAttributes data, int registerType, int keyType)
    {
        uint? register = null;
        uint? key = null;
        foreach (var attribute in data)
        {
            if (attribute.Type == registerType)
            {
                register = Register(attribute.AsUInt32());
            }
            else if (attribute.Type == keyType)
            {
                key = attribute.AsUInt32();
            }
            else
            {
                return null;
            }
        }

        return register is { } r && key is { } k ? (r, k) : null;
    }

    /// <summary>Podfence writes only a mask of 1 or 4 bytes without exclusive-or, in place.</summary>
    private static BitMask? ReadMask(NetlinkAttributes data)
    {
        uint source = uint.MaxValue;
        uint target = uint.MaxValue;
        uint operation = 0;
        byte[] mask = [];
        byte[] xor = [];
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case 1:
                    source = Register(attribute.AsUInt32());
                    break;
                case 2:
                    target = Register(attribute.AsUInt32());
                    break;
                case 3:
                    break;
                case 4:
                    mask = Bytes(attribute.Nested);
                    break;
                case 5:
                    xor = Bytes(attribute.Nested);
                    break;
                case 6:
                    operation = attribute.AsUInt32();
                    break;
                default:
                    return null;
            }
        }

        return
            operation == 0
            && source == 0
            && target == 0
            && mask.Length is 1 or 4
            && xor.Length == mask.Length
            && !xor.AsSpan().ContainsAnyExcept((byte)0)
            ? new BitMask(mask.Length, mask.Length == 1 ? mask[0] : MemoryMarshal.Read<uint>(mask))
            : null;
    }

    private static Comparison? ReadComparison(NetlinkAttributes data)
    {
        uint register = uint.MaxValue;
        uint how = 0;
        byte[] value = [];
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case 1:
                    register = Register(attribute.AsUInt32());
                    break;
                case 2:
                    how = attribute.AsUInt32();
                    break;
                case 3:
                    value = Bytes(attribute.Nested);
                    break;
                default:
                    return null;
            }
        }

        // Podfence's are of 1, 2 or 4 bytes, so one number holds them.
        return register == 0 && value.Length is 1 or 2 or 4
            ? new Comparison((NfCompare)how, value.Length, Number(value))
            : null;
    }

    private static PayloadLoad? ReadPayload(NetlinkAttributes data)
    {
        Span<uint> fields = stackalloc uint[5];
        return ReadNumbers(data, fields) ? new PayloadLoad(fields[2], fields[3], fields[4], Register(fields[1])) : null;
    }

    private static SetLookup? ReadLookup(NetlinkAttributes data)
    {
        string? set = null;
        uint source = uint.MaxValue;
        var verdicts = false;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case 1:
                    set = attribute.AsString();
                    break;
                case 2:
                    source = Register(attribute.AsUInt32());
                    break;
                case 3 when attribute.AsUInt32() == 0:
                    verdicts = true;
                    break;
                case 5 when attribute.AsUInt32() == 0:
                    break;
                default:
                    // Inverted, or into a register.
                    return null;
            }
        }

        return set is not null && source == 0 ? new SetLookup(set, verdicts) : null;
    }

    private static ImmediateVerdict? ReadImmediate(NetlinkAttributes data)
    {
        uint target = uint.MaxValue;
        NftVerdict? verdict = null;
        foreach (var attribute in data)
        {
            if (attribute.Type == 1)
            {
                target = attribute.AsUInt32();
            }
            else if (attribute.Type == 2)
            {
                verdict = ElementEncoder.ReadVerdict(attribute.Nested);
            }
        }

        return target == 0 && verdict is { } found ? new ImmediateVerdict(found) : null;
    }

    private static Rejection? ReadReject(NetlinkAttributes data)
    {
        uint type = 0;
        byte code = 0;
        foreach (var attribute in data)
        {
            if (attribute.Type == 1)
            {
                type = attribute.AsUInt32();
            }
            else if (attribute.Type == 2 && attribute.Value.Length == 1)
            {
                code = attribute.Value[0];
            }
        }

        return type switch
        {
            NfTables.RejectTcpReset => new Rejection(true),
            NfTables.RejectIcmpx when code == NfTables.RejectIcmpxPortUnreachable => new Rejection(false),
            _ => null,
        };
    }

    /// <summary>
    /// nft swaps the single byte of a protocol in place before the lookup in an interval map, which has no effect.
    /// </summary>
    private static NoOperation? ReadByteOrder(NetlinkAttributes data)
    {
        Span<uint> fields = stackalloc uint[6];
        return ReadNumbers(data, fields) && fields[1] == fields[2] && fields[4] == 1 ? new NoOperation() : null;
    }

    /// <summary>
    /// Attributes that are all numbers, each at the index of its type; false where there is one of another type.
    /// </summary>
    private static bool ReadNumbers(NetlinkAttributes data, Span<uint> fields)
    {
        fields.Clear();
        foreach (var attribute in data)
        {
            if (attribute.Type < 1 || attribute.Type >= fields.Length)
            {
                return false;
            }

            fields[attribute.Type] = attribute.AsUInt32();
        }

        return true;
    }

    private static uint Register(uint number) =>
        number >= NfTables.SmallRegister0 ? number - NfTables.SmallRegister0 : (number - NfTables.Register1) * 4;

    private static byte[] Bytes(NetlinkAttributes data)
    {
        foreach (var attribute in data)
        {
            if (attribute.Type == NfTables.DataAttribute.Value)
            {
                return attribute.Value.ToArray();
            }
        }

        return [];
    }

    private static uint Number(byte[] value) =>
        value.Length switch
        {
            1 => value[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(value),
            _ => BinaryPrimitives.ReadUInt32BigEndian(value),
        };
}

internal sealed record MetaLoad(uint Key, uint Register) : Expression;

internal sealed record NoOperation : Expression;

internal sealed record CtLoad(uint Key, uint Register) : Expression;

internal sealed record BitMask(int Length, uint Mask) : Expression;

internal sealed record Comparison(NfCompare How, int Length, uint Value) : Expression;

internal sealed record PayloadLoad(uint Header, uint Offset, uint Length, uint Register) : Expression;

internal sealed record SetLookup(string Set, bool Verdicts) : Expression;

internal sealed record ImmediateVerdict(NftVerdict Verdict) : Expression;

internal sealed record Rejection(bool TcpReset) : Expression;

internal sealed record UnknownExpression(string Name) : Expression;
