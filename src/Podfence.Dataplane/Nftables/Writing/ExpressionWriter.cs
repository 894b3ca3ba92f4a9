using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Attribute = Podfence.Dataplane.Nftables.NfTables.ExpressionAttribute;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Writes single expressions. Registers are counted here in units of 4 bytes from 0; everything is compared and looked
/// up from the first.
/// </summary>
internal readonly struct ExpressionWriter(NetlinkWriter writer, Func<string, uint?> newSetId)
{
    private const int RegistersPer16Bytes = 4;

    internal void Meta(uint key, uint register)
    {
        var scope = Begin("meta");
        writer.PutUInt32(2, key);
        writer.PutUInt32(1, Register(register));
        End(scope);
    }

    internal void CtState()
    {
        var scope = Begin("ct");
        writer.PutUInt32(2, NfTables.CtState);
        writer.PutUInt32(1, NfTables.Register1);
        End(scope);
    }

    /// <summary>Keeps the bits of the mask.</summary>
    internal void MaskRegister1(ReadOnlySpan<byte> mask)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var scope = Begin("bitwise");
        writer.PutUInt32(1, NfTables.Register1);
        writer.PutUInt32(2, NfTables.Register1);
        writer.PutUInt32(3, (uint)mask.Length);
        writer.PutUInt32(6, 0);
        Data(4, mask);
        Data(5, zero[..mask.Length]);
        End(scope);
    }

    internal void Compare(NfCompare how, ReadOnlySpan<byte> value)
    {
        var scope = Begin("cmp");
        writer.PutUInt32(1, NfTables.Register1);
        writer.PutUInt32(2, (uint)how);
        Data(3, value);
        End(scope);
    }

    internal void Payload(uint header, uint offset, uint length, uint register)
    {
        var scope = Begin("payload");
        writer.PutUInt32(1, Register(register));
        writer.PutUInt32(2, header);
        writer.PutUInt32(3, offset);
        writer.PutUInt32(4, length);
        End(scope);
    }

    /// <summary>
    /// Looks up from the first register. A set created in the same transaction is also referred to by its number, as
    /// nft does.
    /// </summary>
    internal void Lookup(string set, bool verdicts)
    {
        var scope = Begin("lookup");
        writer.PutString(1, set);
        writer.PutUInt32(2, NfTables.Register1);
        if (verdicts)
        {
            writer.PutUInt32(3, 0);
        }

        if (newSetId(set) is { } id)
        {
            writer.PutUInt32(4, id);
        }

        End(scope);
    }

    internal void Verdict(NftVerdict verdict)
    {
        var scope = Begin("immediate");
        writer.PutUInt32(1, 0);
        ElementEncoder.PutVerdict(writer, 2, verdict);
        End(scope);
    }

    internal void Reject(bool tcpReset)
    {
        var scope = Begin("reject");
        writer.PutUInt32(1, tcpReset ? NfTables.RejectTcpReset : NfTables.RejectIcmpx);
        writer.PutBytes(2, [tcpReset ? (byte)0 : NfTables.RejectIcmpxPortUnreachable]);
        End(scope);
    }

    private static uint Register(uint index) =>
        index % RegistersPer16Bytes == 0
            ? NfTables.Register1 + (index / RegistersPer16Bytes)
            : NfTables.SmallRegister0 + index;

    private void Data(int type, ReadOnlySpan<byte> value)
    {
        var nest = writer.BeginNest(type);
        writer.PutBytes(NfTables.DataAttribute.Value, value);
        writer.EndNest(nest);
    }

    private (int Expression, int Data) Begin(string name)
    {
        var expression = writer.BeginNest(NfTables.ListElement);
        writer.PutString(Attribute.Name, name);
        return (expression, writer.BeginNest(Attribute.Data));
    }

    private void End((int Expression, int Data) scope)
    {
        writer.EndNest(scope.Data);
        writer.EndNest(scope.Expression);
    }
}
