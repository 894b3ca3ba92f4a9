using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>The API server's validation of blocks and addresses, strict as of 1.36, and its warnings.</summary>
internal static class CidrValidator
{
    private const string NotBlock = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    private const string NotAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    /// <summary>An ipBlock with its exceptions.</summary>
    public static void Validate(IpBlockDraft block)
    {
        var cidrField = block.At["cidr"];
        if (block.Cidr.Length == 0)
        {
            if (!cidrField.IsPresent || cidrField.IsString)
            {
                cidrField.Required("");
            }

            return;
        }

        if (!CheckBlock(cidrField, block.Cidr, out var cidr))
        {
            return;
        }

        foreach (var (text, at) in block.Except)
        {
            if (CheckBlock(at, text, out var hole) && (!cidr.Contains(hole) || hole.PrefixLength == cidr.PrefixLength))
            {
                at.Invalid(text, "must be a strict subset of `cidr`", $"it must be smaller than {cidr} and inside it");
            }
        }
    }

    /// <summary>Checks a block; false if it is malformed in every form.</summary>
    public static bool CheckBlock(Field field, string text, out Cidr cidr)
    {
        if (!IpText.TryParse(text, out cidr, out var issues))
        {
            var isAddress = IpText.TryParseStrict(text, out IpAddress address);
            field.Invalid(
                text,
                NotBlock,
                isAddress ? $"add the prefix length: {address}/{address.Family.Bits()}" : null
            );
            return false;
        }

        if (issues.HasFlag(IpTextIssues.LeadingZeros))
        {
            field.Invalid(text, "must not have leading 0s in IP or prefix length", $"write {cidr}");
        }
        else if (issues.HasFlag(IpTextIssues.MappedAddress))
        {
            field.Invalid(text, "must not have an IPv4-mapped IPv6 address", $"write {cidr}");
        }
        else if (issues.HasFlag(IpTextIssues.HostBits))
        {
            var single = text[..text.IndexOf('/', StringComparison.Ordinal)];
            field.Invalid(
                text,
                "must not have bits set beyond the prefix length",
                $"should be {cidr} or {single}/{cidr.Family.Bits()}?"
            );
        }
        else if (cidr.Family == IpFamily.IPv6 && cidr.ToString() != text)
        {
            WarnNotCanonical(field, "IPv6 CIDR value", text, cidr.ToString());
        }

        return true;
    }

    /// <summary>Checks an address; false if it is malformed in every form.</summary>
    public static bool CheckAddress(Field field, string text, out IpAddress address)
    {
        if (!IpText.TryParse(text, out address, out var issues))
        {
            field.Invalid(text, NotAddress);
            return false;
        }

        if (issues.HasFlag(IpTextIssues.LeadingZeros))
        {
            field.Invalid(text, "must not have leading 0s", $"write {address}");
        }
        else if (issues.HasFlag(IpTextIssues.MappedAddress))
        {
            field.Invalid(text, "must not be an IPv4-mapped IPv6 address", $"write {address}");
        }
        else if (address.Family == IpFamily.IPv6 && address.ToString() != text)
        {
            WarnNotCanonical(field, "IPv6 address", text, address.ToString());
        }

        return true;
    }

    private static void WarnNotCanonical(Field field, string what, string text, string canonical) =>
        field.Warning(
            $"{what} {GoText.Quote(text)} should be in RFC 5952 canonical format ({GoText.Quote(canonical)})"
        );
}
