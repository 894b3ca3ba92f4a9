namespace Podfence.Dataplane;

/// <summary>What a node's fences are made of.</summary>
public enum DataplaneKind : byte
{
    /// <summary>One table of nf_tables, written over netlink.</summary>
    Nftables,

    /// <summary>Chains and ipsets, by the variant of iptables that the host works with.</summary>
    Iptables,

    /// <summary>The same by iptables-nft, whatever the host works with.</summary>
    IptablesNft,

    /// <summary>The same by iptables-legacy, whatever the host works with.</summary>
    IptablesLegacy,

    /// <summary>nf_tables where the kernel has it, iptables elsewhere.</summary>
    Auto,
}
