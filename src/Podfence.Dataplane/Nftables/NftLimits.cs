using System.Buffers;

namespace Podfence.Dataplane.Nftables;

/// <summary>Limits of nf_tables and of its tools; the fake kernel of the tests enforces them.</summary>
public static class NftLimits
{
    /// <summary>
    /// Maximum length of the name of a chain, set or map, in bytes: NFT_NAME_MAXLEN of linux/netfilter/nf_tables.h is
    /// 256 with the closing zero. A fence's name has at most 120, and the longest name derived from it, that of a map
    /// of port ranges, 145.
    /// </summary>
    public const int NameLength = 255;

    /// <summary>
    /// Maximum nesting of jumps and gotos below a base chain: NFT_JUMP_STACK_SIZE is 16 and the base chain counts.
    /// </summary>
    public const int JumpDepth = 15;

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_."
    );

    /// <summary>
    /// Whether the kernel and the nft tool both accept the name: letters, digits and <c>/ - _ .</c>, beginning with a
    /// letter.
    /// </summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= NameLength
        && char.IsAsciiLetter(name[0])
        && !name.AsSpan().ContainsAnyExcept(s_nameCharacters);
}
