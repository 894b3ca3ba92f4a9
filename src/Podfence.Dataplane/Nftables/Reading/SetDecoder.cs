namespace Podfence.Dataplane.Nftables;

/// <summary>Reads the properties of a set.</summary>
internal static class SetDecoder
{
    /// <summary>
    /// Decodes a set of Podfence's table; the flag is false for a kind that Podfence does not create, which gets a
    /// comment that starts with "foreign".
    /// </summary>
    internal static (NftSet Set, bool Ours)? Read(NetlinkAttributes attributes)
    {
        string? table = null;
        string? name = null;
        string? comment = null;
        uint flags = 0;
        uint keyType = 0;
        uint keyLength = 0;
        uint? dataType = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NfTables.SetAttribute.Table:
                    table = attribute.AsString();
                    break;
                case NfTables.SetAttribute.Name:
                    name = attribute.AsString();
                    break;
                case NfTables.SetAttribute.Flags:
                    flags = attribute.AsUInt32();
                    break;
                case NfTables.SetAttribute.KeyType:
                    keyType = attribute.AsUInt32();
                    break;
                case NfTables.SetAttribute.KeyLength:
                    keyLength = attribute.AsUInt32();
                    break;
                case NfTables.SetAttribute.DataType:
                    dataType = attribute.AsUInt32();
                    break;
                case NfTables.SetAttribute.UserData:
                    comment = UserData.FindComment(attribute.Value, UserData.SetComment);
                    break;
            }
        }

        if (table != NfTables.TableName || name is null)
        {
            return null;
        }

        var isMap = (flags & NfTables.SetFlag.Map) != 0;
        return
            SetLayout.Recognise(keyType, (int)keyLength, flags) is { } found
            && (!isMap || dataType == NfTables.DataTypeVerdict)
            ? (new NftSet(name, found.Key, found.Family, isMap, comment), true)
            : (new NftSet(name, NftKey.Address, null, false, $"foreign: key type {keyType}, flags 0x{flags:x}"), false);
    }
}
