using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Kernel settings of the lab's namespaces. A new namespace copies IPv4 settings of the machine, so everything that
/// matters is set explicitly.
/// </summary>
internal static class Sysctls
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
        // An address under duplicate address detection is unusable for a second.
        new("ipv6/conf/all/accept_dad", "0"),
        new("ipv6/conf/default/accept_dad", "0"),
        new("ipv6/conf/default/dad_transmits", "0"),
        // There is no router, and three solicitations per pod disturb packet counters.
        new("ipv6/conf/default/router_solicitations", "0"),
        // Probes depend on ICMP errors: they must not be rate-limited.
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
        // A node replies for pods of other nodes whose address is in its own pod CIDR, by explicit entries.
        new("ipv6/conf/all/proxy_ndp", "1"),
    ];

    /// <summary>A pod. It announces itself, so that neighbours update their caches.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Pod { get; } =
    [.. s_host, new("ipv4/conf/default/arp_notify", "1"), new("ipv6/conf/default/ndisc_notify", "1")];

    /// <summary>
    /// The external host: it may use any source address, and replies to ARP for its own address only.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> External { get; } =
    [
        .. s_host,
        .. s_forwarding,
        new("ipv4/ip_nonlocal_bind", "1"),
        new("ipv6/ip_nonlocal_bind", "1"),
        new("ipv4/conf/default/arp_ignore", "1"),
    ];

    /// <summary>The fabric: a bridge without packet filter.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Fabric { get; } = [.. s_host, .. Bridge(false)];

    /// <summary>
    /// The bridge on which a node replies for pods of other nodes: at once, instead of after up to 0.8 s by default.
    /// Only the initial network namespace has this setting as a default for new devices; routed pods have no bridge.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> NeighbourProxy { get; } =
    [
        new($"ipv4/neigh/{DeviceNames.PodBridge}/proxy_delay?", "0"),
        new($"ipv6/neigh/{DeviceNames.PodBridge}/proxy_delay?", "0"),
    ];

    public static IReadOnlyList<KeyValuePair<string, string>> Node(LabNetworkOptions options) =>
        [.. s_host, .. s_forwarding, .. Bridge(options.BridgeNetfilter)];

    /// <summary>
    /// Optional: without bridge netfilter in the kernel, bridged packets are not filtered; the fence reports that.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string>> Bridge(bool filtered)
    {
        var value = filtered ? "1" : "0";
        yield return new("bridge/bridge-nf-call-iptables?", value);
        yield return new("bridge/bridge-nf-call-ip6tables?", value);
        yield return new("bridge/bridge-nf-call-arptables?", "0");
    }
}
