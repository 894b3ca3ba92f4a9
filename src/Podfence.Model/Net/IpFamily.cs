namespace Podfence.Model;

/// <summary>The two address families. Each has its own sets and chains in the kernel.</summary>
public enum IpFamily : byte
{
    /// <summary>32-bit addresses.</summary>
    IPv4 = 4,

    /// <summary>128-bit addresses.</summary>
    IPv6 = 6,
}

/// <summary>Properties of the address families.</summary>
public static class IpFamilies
{
    /// <summary>Both families, IPv4 first.</summary>
    public static IReadOnlyList<IpFamily> All { get; } = [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>Width of an address in bits: 32 or 128.</summary>
    public static int Bits(this IpFamily family) => family == IpFamily.IPv4 ? 32 : 128;
}
