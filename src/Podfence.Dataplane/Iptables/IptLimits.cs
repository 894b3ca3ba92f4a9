namespace Podfence.Dataplane.Iptables;

/// <summary>Limits of iptables and ipset, in one place: what we write keeps to them.</summary>
public static class IptLimits
{
    /// <summary>Longest name of a chain: XT_EXTENSION_MAXNAMELEN of linux/netfilter/x_tables.h is 29 with the closing zero.</summary>
    public const int ChainName = 28;

    /// <summary>Longest name of a set: IPSET_MAXNAMELEN of linux/netfilter/ipset/ip_set.h is 32 with the closing zero.</summary>
    public const int SetName = 31;

    /// <summary>Bytes of a rule's or an element's comment: XT_MAX_COMMENT_LEN and IPSET_MAX_COMMENT_SIZE, without the closing zero.</summary>
    public const int Comment = 255;

    /// <summary>
    /// Deepest nesting of jumps and gotos below a chain of the kernel: iptables-nft's rules are nf_tables', whose NFT_JUMP_STACK_SIZE is 16, and which counts a goto like a jump.
    /// Shared out below: two for our chain of the hook and the root of the dispatch, one for the fence's chain, one for the refusal.
    /// </summary>
    public const int JumpDepth = 15;

    /// <summary>Most levels of the dispatch below its root.</summary>
    public const int DispatchDepth = 5;

    /// <summary>Most chains in a row below a fence's own.</summary>
    public const int FenceDepth = JumpDepth - DispatchDepth - 4;

    /// <summary>Elements that a set may grow to. A bound that is not reached costs nothing; ipset's own, 65,536, is one that clusters reach.</summary>
    public const uint SetElements = uint.MaxValue;
}
