using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Podfence.Model;

/// <summary>
/// Reads addresses and blocks the two ways Kubernetes does.
/// Strict is what the API server accepts today (gate StrictIPCIDRValidation, on since 1.36): no leading zeros, no IPv4-mapped IPv6, no bits beyond the prefix.
/// Legacy is what old objects in etcd may hold, because unchanged strings are not validated again: leading zeros are decimal,
/// IPv4-mapped IPv6 means IPv4, bits beyond the prefix are masked. Nobody's octal, short or scoped forms are taken by either.
/// </summary>
public static class IpText
{
    private static readonly SearchValues<char> s_hexAndColon = SearchValues.Create("0123456789abcdefABCDEF:");

    /// <summary>Strict address.</summary>
    public static bool TryParseStrict(string? text, out IpAddress address) =>
        TryParse(text, out address, out var faults) && faults == IpTextFaults.None;

    /// <summary>Legacy address.</summary>
    public static bool TryParseLegacy(string? text, out IpAddress address) => TryParse(text, out address, out _);

    /// <summary>Strict block.</summary>
    public static bool TryParseStrict(string? text, out Cidr cidr) =>
        TryParse(text, out cidr, out var faults) && faults == IpTextFaults.None;

    /// <summary>Legacy block.</summary>
    public static bool TryParseLegacy(string? text, out Cidr cidr) => TryParse(text, out cidr, out _);

    /// <summary>Reads the legacy form and tells how the text departs from the strict one.</summary>
    public static bool TryParse(string? text, out IpAddress address, out IpTextFaults faults)
    {
        address = default;
        faults = IpTextFaults.None;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (!text.Contains(':', StringComparison.Ordinal))
        {
            if (!TryParseDotted(text, out var number, ref faults))
            {
                return false;
            }

            address = new IpAddress(IpFamily.IPv4, number);
            return true;
        }

        return TryParseColons(text, out address, ref faults);
    }

    /// <summary>Reads the legacy form of a block and tells how the text departs from the strict one.</summary>
    public static bool TryParse(string? text, out Cidr cidr, out IpTextFaults faults)
    {
        cidr = default;
        faults = IpTextFaults.None;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !TryParse(text![..slash], out IpAddress address, out faults) || !TryParsePrefix(text.AsSpan(slash + 1), out var length, ref faults))
        {
            return false;
        }

        if (faults.HasFlag(IpTextFaults.MappedAddress))
        {
            // ::ffff:10.0.0.0/104 is 10.0.0.0/8; a prefix that reaches into the mapping itself names nothing that IPv4 has.
            length -= 96;
        }

        if (length < 0 || length > address.Family.Bits())
        {
            return false;
        }

        cidr = new Cidr(address, length);
        if (cidr.Network != address)
        {
            faults |= IpTextFaults.HostBits;
        }

        return true;
    }

    private static bool TryParsePrefix(ReadOnlySpan<char> text, out int length, ref IpTextFaults faults)
    {
        length = 0;
        if (text.Length is 0 or > 8 || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        length = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        if (text.Length > 1 && text[0] == '0')
        {
            faults |= IpTextFaults.LeadingZeros;
        }

        return length <= 128;
    }

    private static bool TryParseDotted(ReadOnlySpan<char> text, out uint number, ref IpTextFaults faults)
    {
        number = 0;
        var octets = 0;
        foreach (var part in text.Split('.'))
        {
            var octet = text[part];
            if (++octets > 4 || octet.Length is 0 or > 12 || octet.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            var value = long.Parse(octet, NumberStyles.None, CultureInfo.InvariantCulture);
            if (value > 255)
            {
                return false;
            }

            if (octet.Length > 1 && octet[0] == '0')
            {
                faults |= IpTextFaults.LeadingZeros;
            }

            number = (number << 8) | (uint)value;
        }

        return octets == 4;
    }

    private static bool TryParseColons(string text, out IpAddress address, ref IpTextFaults faults)
    {
        address = default;
        var tail = text.LastIndexOf(':') + 1;
        var plain = text;
        if (text.AsSpan(tail).Contains('.'))
        {
            if (!TryParseDotted(text.AsSpan(tail), out var embedded, ref faults))
            {
                return false;
            }

            plain = $"{text[..tail]}{embedded >> 16:x}:{embedded & 0xffff:x}";
        }

        // With hex digits and colons alone, the framework's reader takes no form that Kubernetes refuses.
        if (plain.AsSpan().ContainsAnyExcept(s_hexAndColon) || plain.Length > 45
            || !IPAddress.TryParse(plain, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        if (parsed.IsIPv4MappedToIPv6)
        {
            faults |= IpTextFaults.MappedAddress;
            parsed = parsed.MapToIPv4();
        }

        address = IpAddress.FromBytes(parsed.GetAddressBytes());
        return true;
    }
}

/// <summary>How a text that names an address departs from the strict form.</summary>
[Flags]
public enum IpTextFaults
{
    /// <summary>It is strict.</summary>
    None = 0,

    /// <summary>An octet or the prefix length has leading zeros.</summary>
    LeadingZeros = 1,

    /// <summary>An IPv4 address is written as IPv4-mapped IPv6.</summary>
    MappedAddress = 2,

    /// <summary>Bits are set beyond the prefix.</summary>
    HostBits = 4,
}
