using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Kernel settings of the lab's namespaces. New namespaces copy IPv4 settings from the machine's, so that everything that matters is said.</summary>
internal static class Settings
{
    private static readonly KeyValuePair<string, string>[] s_host =
    [
        new("ipv4/conf/all/rp_filter", "0"),
        new("ipv4/conf/default/rp_filter", "0"),
        new("ipv4/conf/all/accept_redirects", "0"),
        new("ipv4/conf/default/accept_redirects", "0"),
        new("ipv4/conf/all/send_redirects", "0"),
        new("ipv4/conf/default/send_redirects", "0"),
        new("ipv6/conf/all/disable_ipv6", "0"),
        new("ipv6/conf/default/disable_ipv6", "0"),
        new("ipv6/conf/all/accept_ra", "0"),
        new("ipv6/conf/default/accept_ra", "0"),
        new("ipv6/conf/all/accept_redirects", "0"),
        new("ipv6/conf/default/accept_redirects", "0"),
        // An address under detection cannot be used for a second.
        new("ipv6/conf/all/accept_dad", "0"),
        new("ipv6/conf/default/accept_dad", "0"),
        new("ipv6/conf/default/dad_transmits", "0"),
        // No router will answer, and three solicitations per pod disturb counters.
        new("ipv6/conf/default/router_solicitations", "0"),
        // Refusals tell a probe its result: they must not be rationed.
        new("ipv4/icmp_ratelimit", "0"),
        new("ipv4/icmp_ratemask", "0"),
        new("ipv6/icmp/ratelimit", "0"),
        new("ipv4/icmp_msgs_per_sec?", "1000000"),
        new("ipv4/icmp_msgs_burst?", "100000"),
    ];

    private static readonly KeyValuePair<string, string>[] s_forwarding =
    [
        new("ipv4/ip_forward", "1"),
        new("ipv6/conf/all/forwarding", "1"),
        new("ipv6/conf/default/forwarding", "1"),
        // A node answers for pods of other nodes whose address lies in its own pod CIDR, if it is told which.
        new("ipv6/conf/all/proxy_ndp", "1"),
    ];

    /// <summary>A pod. It announces itself, so that neighbours forget who had its address before.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Pod { get; } =
        [.. s_host, new("ipv4/conf/default/arp_notify", "1"), new("ipv6/conf/default/ndisc_notify", "1")];

    /// <summary>The external host: it may speak with any address, and is asked about its own alone.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> External { get; } =
        [.. s_host, .. s_forwarding, new("ipv4/ip_nonlocal_bind", "1"), new("ipv6/ip_nonlocal_bind", "1"), new("ipv4/conf/default/arp_ignore", "1")];

    /// <summary>The fabric: a switch that no filter sees.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Fabric { get; } = [.. s_host, .. Bridge(false)];

    /// <summary>
    /// The bridge on which a node stands in for pods of other nodes: at once, where by default it waits up to 0.8 s for somebody better.
    /// Only the machine's own namespace has this setting as a default for new devices; routed pods have no bridge.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> StandIn { get; } =
        [new($"ipv4/neigh/{Names.PodBridge}/proxy_delay?", "0"), new($"ipv6/neigh/{Names.PodBridge}/proxy_delay?", "0")];

    /// <summary>A node.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Node(LabNetworkOptions options) =>
        [.. s_host, .. s_forwarding, .. Bridge(options.BridgeNetfilter)];

    /// <summary>Absent where the kernel has no bridge netfilter: then bridged packets are not filtered, which only the fence may judge.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Bridge(bool filtered)
    {
        var value = filtered ? "1" : "0";
        yield return new("bridge/bridge-nf-call-iptables?", value);
        yield return new("bridge/bridge-nf-call-ip6tables?", value);
        yield return new("bridge/bridge-nf-call-arptables?", "0");
    }
}
