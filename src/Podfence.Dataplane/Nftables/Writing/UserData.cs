using System.Text;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The user data that nft stores with chains, rules, sets and elements, opaque to the kernel: a list of type, length,
/// value, each of the first two one byte.
/// </summary>
internal static class UserData
{
    /// <summary>Type of the comment of a chain, a rule, or an element.</summary>
    internal const byte Comment = 0;

    /// <summary>Type of an element's flags.</summary>
    internal const byte ElementFlags = 1;

    /// <summary>Type of the byte order of a set's keys.</summary>
    internal const byte SetKeyByteOrder = 0;

    /// <summary>Type of a set's comment.</summary>
    internal const byte SetComment = 7;

    // SET_ELEM_F_INTERVAL_OPEN: the interval has no end because it reaches the last address.
    private static ReadOnlySpan<byte> OpenInterval => [ElementFlags, 4, 1, 0, 0, 0];

    // BYTEORDER_BIG_ENDIAN, and BYTEORDER_INVALID for concatenations, which have none as a whole.
    private static ReadOnlySpan<byte> BigEndianKey => [SetKeyByteOrder, 4, 2, 0, 0, 0];

    private static ReadOnlySpan<byte> ConcatenatedKey => [SetKeyByteOrder, 4, 0, 0, 0, 0];

    /// <summary>Puts the user data of a chain or rule; nothing without a comment.</summary>
    internal static void Put(NetlinkWriter writer, int attribute, string? comment) =>
        Put(writer, attribute, [], Comment, comment);

    /// <summary>Puts the user data of an element; nothing where there is none.</summary>
    internal static void PutElement(NetlinkWriter writer, string? comment, bool openInterval) =>
        Put(writer, NfTables.ElementAttribute.UserData, openInterval ? OpenInterval : [], Comment, comment);

    /// <summary>Puts the user data of a set.</summary>
    internal static void PutSet(NetlinkWriter writer, string? comment, bool concatenated) =>
        Put(writer, NfTables.SetAttribute.UserData, concatenated ? ConcatenatedKey : BigEndianKey, SetComment, comment);

    /// <summary>Finds a comment.</summary>
    internal static string? FindComment(ReadOnlySpan<byte> userData, byte type)
    {
        while (userData.Length >= 2 && userData.Length >= 2 + userData[1])
        {
            if (userData[0] == type)
            {
                return Encoding.UTF8.GetString(userData.Slice(2, userData[1]).TrimEnd((byte)0));
            }

            userData = userData[(2 + userData[1])..];
        }

        return null;
    }

    private static void Put(
        NetlinkWriter writer,
        int attribute,
        ReadOnlySpan<byte> others,
        byte commentType,
        string? comment
    )
    {
        comment = NftComment.Cut(comment);
        var length = comment is null ? 0 : Encoding.UTF8.GetByteCount(comment) + 1;
        var total = others.Length + (length == 0 ? 0 : 2 + length);
        if (total == 0)
        {
            return;
        }

        var span = writer.PutSpan(attribute, total);

        // nft writes an element's comment before its flags and a set's after its byte order; it reads either.
        others.CopyTo(span);
        if (comment is not null)
        {
            span = span[others.Length..];
            span[0] = commentType;
            span[1] = (byte)length;
            Encoding.UTF8.GetBytes(comment, span[2..]);
        }
    }
}
