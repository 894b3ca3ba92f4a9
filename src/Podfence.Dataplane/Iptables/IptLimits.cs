namespace Podfence.Dataplane.Iptables;

/// <summary>Limits of iptables and ipset.</summary>
public static class IptLimits
{
    /// <summary>
    /// Maximum length of a chain's name: XT_EXTENSION_MAXNAMELEN of linux/netfilter/x_tables.h is 29 with the closing
    /// zero.
    /// </summary>
    public const int ChainName = 28;

    /// <summary>
    /// Maximum length of a set's name: IPSET_MAXNAMELEN of linux/netfilter/ipset/ip_set.h is 32 with the closing zero.
    /// </summary>
    public const int SetName = 31;

    /// <summary>
    /// Bytes of a rule's or an element's comment: XT_MAX_COMMENT_LEN and IPSET_MAX_COMMENT_SIZE, without the closing
    /// zero.
    /// </summary>
    public const int Comment = 255;

    /// <summary>
    /// Maximum nesting of jumps and gotos below a built-in chain: iptables-nft's rules are nf_tables', whose
    /// NFT_JUMP_STACK_SIZE is 16, and which counts a goto like a jump. Divided below: two for Podfence's chain of the
    /// hook and the root of the dispatch, one for the fence's chain, one for the deny chain.
    /// </summary>
    public const int JumpDepth = 15;

    /// <summary>Maximum number of levels of the dispatch below its root.</summary>
    public const int DispatchDepth = 5;

    /// <summary>Maximum number of nested chains below a fence's own.</summary>
    public const int FenceDepth = JumpDepth - DispatchDepth - 4;

    /// <summary>
    /// Maximum number of elements of a set. A limit that is not reached costs nothing; ipset's default, 65,536, is one
    /// that clusters reach.
    /// </summary>
    public const uint SetElements = uint.MaxValue;
}
