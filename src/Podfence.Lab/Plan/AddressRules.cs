using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Address arithmetic of the lab.</summary>
internal static class AddressRules
{
    private static readonly Cidr[] s_unusable =
    [
        Cidr.Parse("0.0.0.0/8"),
        Cidr.Parse("127.0.0.0/8"),
        Cidr.Parse("169.254.0.0/16"),
        Cidr.Parse("224.0.0.0/3"),
        Cidr.Parse("::/128"),
        Cidr.Parse("::1/128"),
        Cidr.Parse("fe80::/10"),
        Cidr.Parse("ff00::/8"),
    ];

    /// <summary>
    /// Whether a host of the lab can have the address: unicast, and not link-local, which the gateways use.
    /// </summary>
    public static bool IsUsable(IpAddress address) => !Array.Exists(s_unusable, cidr => cidr.Contains(address));

    /// <summary>The address at an offset; wraps within the family.</summary>
    public static IpAddress Plus(this IpAddress address, UInt128 offset)
    {
        var sum = unchecked(address.Value + offset);
        return new(address.Family, address.Family == IpFamily.IPv4 ? sum & uint.MaxValue : sum);
    }

    /// <summary>The node's address in a pod CIDR: the first one, as CNI plugins choose it.</summary>
    public static IpAddress Gateway(this Cidr podCidr) => podCidr.Network.Plus(1);
}
