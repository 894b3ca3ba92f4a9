using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Podfence.Model;

/// <summary>
/// Parses addresses and blocks in the two ways that Kubernetes does. Strict is what the API server accepts today (gate
/// StrictIPCIDRValidation, on since 1.36): no leading zeros, no IPv4-mapped IPv6, no bits beyond the prefix. Legacy is
/// what old objects in etcd may hold, because unchanged strings are not validated again: leading zeros are decimal,
/// IPv4-mapped IPv6 is IPv4, bits beyond the prefix are masked. Neither accepts octal, short or scoped forms.
/// </summary>
public static class IpText
{
    private static readonly SearchValues<char> s_hexAndColon = SearchValues.Create("0123456789abcdefABCDEF:");

    /// <summary>Parses an address in strict form.</summary>
    public static bool TryParseStrict(string? text, out IpAddress address) =>
        TryParse(text, out address, out var issues) && issues == IpTextIssues.None;

    /// <summary>Parses an address in legacy form.</summary>
    public static bool TryParseLegacy(string? text, out IpAddress address) => TryParse(text, out address, out _);

    /// <summary>Parses a block in strict form.</summary>
    public static bool TryParseStrict(string? text, out Cidr cidr) =>
        TryParse(text, out cidr, out var issues) && issues == IpTextIssues.None;

    /// <summary>Parses a block in legacy form.</summary>
    public static bool TryParseLegacy(string? text, out Cidr cidr) => TryParse(text, out cidr, out _);

    /// <summary>Parses an address in legacy form and reports how the text differs from the strict form.</summary>
    public static bool TryParse(string? text, out IpAddress address, out IpTextIssues issues)
    {
        address = default;
        issues = IpTextIssues.None;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (!text.Contains(':', StringComparison.Ordinal))
        {
            if (!TryParseDotted(text, out var number, ref issues))
            {
                return false;
            }

            address = new IpAddress(IpFamily.IPv4, number);
            return true;
        }

        return TryParseColons(text, out address, ref issues);
    }

    /// <summary>Parses a block in legacy form and reports how the text differs from the strict form.</summary>
    public static bool TryParse(string? text, out Cidr cidr, out IpTextIssues issues)
    {
        cidr = default;
        issues = IpTextIssues.None;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (
            slash < 0
            || !TryParse(text![..slash], out IpAddress address, out issues)
            || !TryParsePrefix(text.AsSpan(slash + 1), out var length, ref issues)
        )
        {
            return false;
        }

        if (issues.HasFlag(IpTextIssues.MappedAddress))
        {
            // ::ffff:10.0.0.0/104 is 10.0.0.0/8; a shorter prefix than 96 has no IPv4 equivalent.
            length -= 96;
        }

        if (length < 0 || length > address.Family.Bits())
        {
            return false;
        }

        cidr = new Cidr(address, length);
        if (cidr.Network != address)
        {
            issues |= IpTextIssues.HostBits;
        }

        return true;
    }

    private static bool TryParsePrefix(ReadOnlySpan<char> text, out int length, ref IpTextIssues issues)
    {
        length = 0;
        if (text.Length is 0 or > 8 || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        length = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        if (text.Length > 1 && text[0] == '0')
        {
            issues |= IpTextIssues.LeadingZeros;
        }

        return length <= 128;
    }

    private static bool TryParseDotted(ReadOnlySpan<char> text, out uint number, ref IpTextIssues issues)
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
                issues |= IpTextIssues.LeadingZeros;
            }

            number = (number << 8) | (uint)value;
        }

        return octets == 4;
    }

    private static bool TryParseColons(string text, out IpAddress address, ref IpTextIssues issues)
    {
        address = default;
        var tail = text.LastIndexOf(':') + 1;
        var plain = text;
        if (text.AsSpan(tail).Contains('.'))
        {
            if (!TryParseDotted(text.AsSpan(tail), out var embedded, ref issues))
            {
                return false;
            }

            plain = $"{text[..tail]}{embedded >> 16:x}:{embedded & 0xffff:x}";
        }

        // With hex digits and colons alone, the framework's parser accepts no form that Kubernetes rejects.
        if (
            plain.AsSpan().ContainsAnyExcept(s_hexAndColon)
            || plain.Length > 45
            || !IPAddress.TryParse(plain, out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6
        )
        {
            return false;
        }

        if (parsed.IsIPv4MappedToIPv6)
        {
            issues |= IpTextIssues.MappedAddress;
            parsed = parsed.MapToIPv4();
        }

        address = IpAddress.FromBytes(parsed.GetAddressBytes());
        return true;
    }
}

/// <summary>How the text of an address differs from the strict form.</summary>
[Flags]
public enum IpTextIssues
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
