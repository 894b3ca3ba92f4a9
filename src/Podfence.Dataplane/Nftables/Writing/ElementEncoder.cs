using Podfence.Model;
using Attribute = Podfence.Dataplane.Nftables.NfTables.ElementAttribute;

namespace Podfence.Dataplane.Nftables;

/// <summary>Encodes elements of sets and maps.</summary>
internal static class ElementEncoder
{
    /// <summary>
    /// An upper bound of the size of one element: two keys, a chain's name of 256 bytes, a comment, and all their
    /// headers.
    /// </summary>
    internal const int MaxLength = 1024;

    /// <summary>Writes an element. For a deletion the key is enough.</summary>
    internal static void Put(NetlinkWriter writer, NftSet set, SetLayout layout, NftElement element, bool delete)
    {
        // An interval that reaches the last address has no first address after it, hence no end.
        var open = layout.HasEndElements && element.Key.Last.Value == Last(element.Key.Last.Family);

        var nest = writer.BeginNest(NfTables.ListElement);
        SetLayout.WriteKey(set, element, PutKey(writer, Attribute.Key, layout.KeyLength));
        if (layout.HasKeyEnds)
        {
            SetLayout.WriteKeyEnd(element, PutKey(writer, Attribute.KeyEnd, layout.KeyLength));
        }

        if (!delete)
        {
            if (element.Verdict is { } verdict)
            {
                PutVerdict(writer, Attribute.Data, verdict);
            }

            UserData.PutElement(writer, element.Comment, open);
        }

        writer.EndNest(nest);
        if (layout.HasEndElements && !open)
        {
            var end = writer.BeginNest(NfTables.ListElement);
            writer.PutUInt32(Attribute.Flags, NfTables.ElementIntervalEnd);
            new IpAddress(element.Key.Last.Family, element.Key.Last.Value + UInt128.One).WriteTo(
                PutKey(writer, Attribute.Key, layout.KeyLength)
            );
            writer.EndNest(end);
        }
    }

    /// <summary>Writes a verdict as data.</summary>
    internal static void PutVerdict(NetlinkWriter writer, int attribute, NftVerdict verdict)
    {
        var data = writer.BeginNest(attribute);
        var nest = writer.BeginNest(NfTables.DataAttribute.Verdict);
        writer.PutUInt32(NfTables.VerdictAttribute.Code, (uint)Code(verdict.Kind));
        if (verdict.Chain is { } chain)
        {
            writer.PutString(NfTables.VerdictAttribute.Chain, chain);
        }

        writer.EndNest(nest);
        writer.EndNest(data);
    }

    /// <summary>Decodes a verdict; null for one that Podfence does not use.</summary>
    internal static NftVerdict? ReadVerdict(NetlinkAttributes data)
    {
        foreach (var attribute in data)
        {
            if (attribute.Type != NfTables.DataAttribute.Verdict)
            {
                continue;
            }

            int? code = null;
            string? chain = null;
            foreach (var part in attribute.Nested)
            {
                if (part.Type == NfTables.VerdictAttribute.Code)
                {
                    code = (int)part.AsUInt32();
                }
                else if (part.Type == NfTables.VerdictAttribute.Chain)
                {
                    chain = part.AsString();
                }
            }

            return Kind(code) is { } kind ? new NftVerdict(kind, chain) : null;
        }

        return null;
    }

    private static int Code(NftVerdictKind kind) =>
        kind switch
        {
            NftVerdictKind.Drop => 0,
            NftVerdictKind.Accept => 1,
            NftVerdictKind.Jump => -3,
            NftVerdictKind.Goto => -4,
            NftVerdictKind.Return => -5,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };

    private static NftVerdictKind? Kind(int? code) =>
        code switch
        {
            0 => NftVerdictKind.Drop,
            1 => NftVerdictKind.Accept,
            -3 => NftVerdictKind.Jump,
            -4 => NftVerdictKind.Goto,
            -5 => NftVerdictKind.Return,
            _ => null,
        };

    private static UInt128 Last(IpFamily family) => family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;

    private static Span<byte> PutKey(NetlinkWriter writer, int attribute, int length)
    {
        var nest = writer.BeginNest(attribute);
        var span = writer.PutSpan(NfTables.DataAttribute.Value, length);
        writer.EndNest(nest);
        return span;
    }
}
