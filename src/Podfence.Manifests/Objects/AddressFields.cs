using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Reads addresses and blocks of objects: strictly from files, in the legacy form from the API server.
/// </summary>
internal static class AddressFields
{
    public static bool TryRead(Field field, string text, out IpAddress address)
    {
        if (field.IsStrict)
        {
            return CidrValidator.CheckAddress(field, text, out address);
        }

        return IpText.TryParseLegacy(text, out address);
    }

    public static bool TryRead(Field field, string text, out Cidr cidr)
    {
        if (field.IsStrict)
        {
            return CidrValidator.CheckBlock(field, text, out cidr);
        }

        return IpText.TryParseLegacy(text, out cidr);
    }
}
