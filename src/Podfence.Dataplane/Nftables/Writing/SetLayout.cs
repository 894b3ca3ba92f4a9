using System.Buffers.Binary;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The memory layout of a set's keys, and nft's number for their type: six bits per part of a concatenation. Every part
/// begins at a multiple of 4 bytes.
/// </summary>
/// <param name="KeyType">nft's type.</param>
/// <param name="KeyLength">Bytes of the whole key.</param>
/// <param name="Flags">The kernel's set flags.</param>
internal readonly record struct SetLayout(uint KeyType, int KeyLength, uint Flags)
{
    /// <summary>A concatenation of two IPv6 addresses is the longest key.</summary>
    internal const int MaxKeyLength = 32;

    private const uint Ipv4Address = 7;
    private const uint Ipv6Address = 8;
    private const uint InetProtocol = 12;
    private const uint InetService = 13;
    private const int TypeBits = 6;

    /// <summary>
    /// Whether each element is two of the kernel's: where an interval starts, and the first key after it.
    /// </summary>
    internal bool HasEndElements =>
        (Flags & (NfTables.SetFlag.Interval | NfTables.SetFlag.Concatenation)) == NfTables.SetFlag.Interval;

    /// <summary>Whether each element has a first and a last key.</summary>
    internal bool HasKeyEnds => (Flags & NfTables.SetFlag.Concatenation) != 0;

    internal static SetLayout Of(NftSet set) => Of(set.Key, set.Family, set.HasVerdicts);

    /// <summary>Finds the key type of a set in the kernel; null for one that Podfence does not create.</summary>
    internal static (NftKey Key, IpFamily? Family)? Recognise(uint keyType, int keyLength, uint flags)
    {
        var found = new SetLayout(keyType, keyLength, flags & ~NfTables.SetFlag.Map);
        foreach (var key in Enum.GetValues<NftKey>())
        {
            if (key is NftKey.Port or NftKey.PortRange)
            {
                if (Of(key, null, false) == found)
                {
                    return (key, null);
                }

                continue;
            }

            foreach (var family in IpFamilies.All)
            {
                if (Of(key, family, false) == found)
                {
                    return (key, family);
                }
            }
        }

        return null;
    }

    /// <summary>Writes the first key of an element.</summary>
    internal static void WriteKey(NftSet set, NftElement element, Span<byte> key)
    {
        switch (set.Key)
        {
            case NftKey.Address:
            case NftKey.AddressRange:
                element.Key.First.WriteTo(key);
                break;
            case NftKey.AddressPair:
                element.Key.First.WriteTo(key);
                element.Key.Last.WriteTo(key[(key.Length / 2)..]);
                break;
            case NftKey.Endpoint:
                element.Key.First.WriteTo(key);
                key[^8] = (byte)element.Key.Protocol;
                BinaryPrimitives.WriteUInt16BigEndian(key[^4..], element.Key.Port);
                break;
            default:
                WritePort(key, element.Ports.First, element.Ports.Protocol);
                break;
        }
    }

    /// <summary>Writes the last key of an element of port ranges.</summary>
    internal static void WriteKeyEnd(NftElement element, Span<byte> key) =>
        WritePort(key, element.Ports.Last, element.Ports.Protocol);

    /// <summary>
    /// Reads an element of a set without intervals of addresses, whose two keys are the same but for
    /// <see cref="NftKey.PortRange"/>.
    /// </summary>
    internal static (SetElement Key, PortRange Ports) Read(
        NftKey kind,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> keyEnd
    )
    {
        switch (kind)
        {
            case NftKey.AddressPair:
                var half = key.Length / 2;
                return (
                    new SetElement(IpAddress.FromBytes(key[..half]), IpAddress.FromBytes(key[half..]), default, 0),
                    default
                );
            case NftKey.Endpoint:
                return (
                    SetElement.Of(
                        IpAddress.FromBytes(key[..^8]),
                        (Protocol)key[^8],
                        BinaryPrimitives.ReadUInt16BigEndian(key[^4..])
                    ),
                    default
                );
            case NftKey.Port:
            case NftKey.PortRange:
                return (
                    default,
                    new PortRange(
                        (Protocol)key[4],
                        BinaryPrimitives.ReadUInt16BigEndian(key),
                        BinaryPrimitives.ReadUInt16BigEndian(keyEnd)
                    )
                );
            default:
                return (SetElement.Of(IpAddress.FromBytes(key)), default);
        }
    }

    private static SetLayout Of(NftKey key, IpFamily? family, bool hasVerdicts)
    {
        var address = family == IpFamily.IPv6 ? Ipv6Address : Ipv4Address;
        var length = family == IpFamily.IPv6 ? 16 : 4;
        // The kernel searches an interval map field by field, and keeps all elements that match the first field. So the
        // port comes first: after the protocol, which is usually the same for all elements, every one of them would be
        // kept.
        const uint port = (InetService << TypeBits) | InetProtocol;
        var map = hasVerdicts ? NfTables.SetFlag.Map : 0;
        return key switch
        {
            NftKey.Address => new SetLayout(address, length, map),
            NftKey.AddressRange => new SetLayout(address, length, map | NfTables.SetFlag.Interval),
            NftKey.AddressPair => new SetLayout((address << TypeBits) | address, 2 * length, map),
            NftKey.Endpoint => new SetLayout(
                (address << (2 * TypeBits)) | (InetProtocol << TypeBits) | InetService,
                length + 8,
                map
            ),
            NftKey.Port => new SetLayout(port, 8, map),
            NftKey.PortRange => new SetLayout(
                port,
                8,
                map | NfTables.SetFlag.Interval | NfTables.SetFlag.Concatenation
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(key)),
        };
    }

    private static void WritePort(Span<byte> key, ushort port, Protocol protocol)
    {
        BinaryPrimitives.WriteUInt16BigEndian(key, port);
        key[4] = (byte)protocol;
    }
}
