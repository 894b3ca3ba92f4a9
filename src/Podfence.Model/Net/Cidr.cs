namespace Podfence.Model;

/// <summary>A block of addresses. Bits beyond the prefix are always zero in <see cref="Network"/>.</summary>
public readonly record struct Cidr
{
    /// <summary>Creates a block; bits of the address beyond the prefix are set to zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prefix is longer than the family's addresses.</exception>
    public Cidr(IpAddress address, int prefixLength)
    {
        if (prefixLength < 0 || prefixLength > address.Family.Bits())
        {
            throw new ArgumentOutOfRangeException(nameof(prefixLength));
        }

        PrefixLength = (byte)prefixLength;
        Network = new IpAddress(address.Family, address.Value & ~HostMask(address.Family, prefixLength));
    }

    /// <summary>The first address of the block.</summary>
    public IpAddress Network { get; }

    /// <summary>The number of leading bits that all members share.</summary>
    public byte PrefixLength { get; }

    /// <summary>The family of the block.</summary>
    public IpFamily Family => Network.Family;

    /// <summary>The last address of the block.</summary>
    public IpAddress Last => new(Family, Network.Value | HostMask(Family, PrefixLength));

    /// <summary>Parses the strict form (see <see cref="IpText"/>).</summary>
    /// <exception cref="FormatException">The text is not such a block.</exception>
    public static Cidr Parse(string text) =>
        IpText.TryParseStrict(text, out Cidr cidr) ? cidr : throw new FormatException($"'{text}' is not a CIDR");

    /// <summary>Whether the address is a member; an address of the other family never is.</summary>
    public bool Contains(IpAddress address) =>
        address.Family == Family && (address.Value & ~HostMask(Family, PrefixLength)) == Network.Value;

    /// <summary>Whether every member of the other block is a member of this one.</summary>
    public bool Contains(Cidr other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    /// <summary>Address, slash, prefix length.</summary>
    public override string ToString() => $"{Network}/{PrefixLength}";

    private static UInt128 HostMask(IpFamily family, int prefixLength)
    {
        var hostBits = family.Bits() - prefixLength;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - UInt128.One;
    }
}
