namespace Podfence.Dataplane;

/// <summary>The packet filter backend.</summary>
public enum DataplaneKind : byte
{
    /// <summary>One table of nf_tables, written over netlink.</summary>
    Nftables,

    /// <summary>Chains and ipsets, by the variant of iptables that the host uses.</summary>
    Iptables,

    /// <summary>iptables-nft, whichever variant the host uses.</summary>
    IptablesNft,

    /// <summary>iptables-legacy, whichever variant the host uses.</summary>
    IptablesLegacy,

    /// <summary>nf_tables where the kernel has it, iptables elsewhere.</summary>
    Auto,
}
