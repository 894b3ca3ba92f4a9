using System.Buffers.Binary;
using System.Net;

namespace Podfence.Model;

/// <summary>
/// An IPv4 or IPv6 address, without scope. 24 bytes, no heap, ordered by family and then by number. Text is parsed by
/// <see cref="IpText"/>, never by the framework, which accepts octal, short and scoped forms that Kubernetes rejects.
/// </summary>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Creates an address from its number.</summary>
    /// <param name="family">The family.</param>
    /// <param name="value">The address as an unsigned number; for IPv4 it must fit in 32 bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is too large for the family.</exception>
    public IpAddress(IpFamily family, UInt128 value)
    {
        if (family == IpFamily.IPv4 && value > uint.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(value), "an IPv4 address has 32 bits");
        }

        Family = family;
        _high = (ulong)(value >> 64);
        _low = (ulong)value;
    }

    /// <summary>The family of the address.</summary>
    public IpFamily Family { get; }

    /// <summary>The address as an unsigned number.</summary>
    public UInt128 Value => new(_high, _low);

    /// <summary>Length of the address on the wire: 4 or 16 bytes.</summary>
    public int Length => Family == IpFamily.IPv4 ? 4 : 16;

    /// <summary>
    /// Parses the strict form that Kubernetes accepts: no leading zeros, no IPv4-mapped IPv6, no scope.
    /// </summary>
    /// <exception cref="FormatException">The text is not such an address.</exception>
    public static IpAddress Parse(string text) =>
        IpText.TryParseStrict(text, out IpAddress address)
            ? address
            : throw new FormatException($"'{text}' is not an IP address");

    /// <summary>The address in network byte order.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        if (Family == IpFamily.IPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
            BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        }
    }

    /// <summary>Reads 4 or 16 bytes in network byte order.</summary>
    public static IpAddress FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length switch
        {
            4 => new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            16 => new IpAddress(IpFamily.IPv6, BinaryPrimitives.ReadUInt128BigEndian(bytes)),
            _ => throw new ArgumentException("an address has 4 or 16 bytes", nameof(bytes)),
        };

    /// <summary>The same address as a type of the framework.</summary>
    public IPAddress ToSystem()
    {
        Span<byte> bytes = stackalloc byte[Length];
        WriteTo(bytes);
        return new IPAddress(bytes);
    }

    /// <inheritdoc/>
    public int CompareTo(IpAddress other)
    {
        var byFamily = Family.CompareTo(other.Family);
        return byFamily != 0 ? byFamily : Value.CompareTo(other.Value);
    }

    /// <summary>RFC 5952 text.</summary>
    public override string ToString() => ToSystem().ToString();

    /// <summary>Orders by family and number.</summary>
    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    /// <summary>Orders by family and number.</summary>
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    /// <summary>Orders by family and number.</summary>
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by family and number.</summary>
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;
}
