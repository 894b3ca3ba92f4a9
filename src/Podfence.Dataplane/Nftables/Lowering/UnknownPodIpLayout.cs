using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The part of the table that denies unknown pod IPs of this node's pod ranges. It precedes the dispatch maps, for both
/// ends: a pod IP that passes here as known meets the fence that was attached with it.
/// </summary>
internal static class UnknownPodIpLayout
{
    /// <summary>The node's pod ranges in a family.</summary>
    public static NftSet Ranges(IpFamily family) => family == IpFamily.IPv4 ? s_ranges4 : s_ranges6;

    /// <summary>The known pod IPs in them.</summary>
    public static NftSet Known(IpFamily family) => family == IpFamily.IPv4 ? s_known4 : s_known6;

    /// <summary>Whether a set is one of <see cref="Ranges"/>.</summary>
    public static bool IsRanges(NftSet set) => set.Name == s_ranges4.Name || set.Name == s_ranges6.Name;

    /// <summary>Whether a set is one of <see cref="Known"/>.</summary>
    public static bool IsKnown(NftSet set) => set.Name == s_known4.Name || set.Name == s_known6.Name;

    /// <summary>Whether a set is one of <see cref="Ranges"/> or <see cref="Known"/>.</summary>
    public static bool Contains(NftSet set) => IsRanges(set) || IsKnown(set);

    /// <summary>The sets with their content.</summary>
    public static IEnumerable<NftSetContent> Sets(Ruleset ruleset)
    {
        foreach (var family in IpFamilies.All)
        {
            yield return new NftSetContent(Ranges(family), Elements(ruleset.PodRanges, family));
            yield return new NftSetContent(Known(family), Elements(ruleset.KnownPodIps, family));
        }
    }

    /// <summary>Ranges of one family as elements.</summary>
    public static List<NftElement> Elements(IEnumerable<IpRange> ranges, IpFamily family) =>
        [.. ranges.Where(range => range.Family == family).Select(static range => new NftElement(SetElement.Of(range)))];

    /// <summary>Addresses of one family as elements.</summary>
    public static List<NftElement> Elements(IEnumerable<IpAddress> addresses, IpFamily family) =>
        [
            .. addresses
                .Where(address => address.Family == family)
                .Select(static address => new NftElement(SetElement.Of(address))),
        ];

    /// <summary>The chains that base chains jump to.</summary>
    public static IEnumerable<NftChain> Chains => [s_sources, s_destinations];

    /// <summary>The rules of base chains for one end.</summary>
    public static IEnumerable<NftRule> Rules(PacketEnd end) =>
        IpFamilies.All.Select(family =>
            TableLayout.Rule(
                end == PacketEnd.Source ? "from pods of this node" : "to pods of this node",
                NftVerdict.Jump((end == PacketEnd.Source ? s_sources : s_destinations).Name),
                new AddressMatch(end, family, Ranges(family).Name)
            )
        );

    private static NftRule[] Check(PacketEnd end) =>
        [
            .. IpFamilies.All.Select(family =>
                TableLayout.Rule("known pod IP", NftVerdict.Return, new AddressMatch(end, family, Known(family).Name))
            ),
            TableLayout.Rule("unknown pod IP", NftVerdict.Goto(TableLayout.Deny)),
        ];

    private static readonly NftSet s_ranges4 = Range("pod-ranges-v4", IpFamily.IPv4);
    private static readonly NftSet s_ranges6 = Range("pod-ranges-v6", IpFamily.IPv6);
    private static readonly NftSet s_known4 = Address("known-v4", IpFamily.IPv4);
    private static readonly NftSet s_known6 = Address("known-v6", IpFamily.IPv6);

    // The node may connect to itself by an address of its own in the range, such as the bridge's.
    private static readonly NftChain s_sources = new(
        "unknown-source",
        null,
        [TableLayout.Rule("the node to itself", NftVerdict.Return, new LoopbackMatch()), .. Check(PacketEnd.Source)],
        "sources in pod ranges of this node"
    );

    private static readonly NftChain s_destinations = new(
        "unknown-destination",
        null,
        [.. Check(PacketEnd.Destination)],
        "destinations in pod ranges of this node"
    );

    private static NftSet Range(string name, IpFamily family) =>
        new(name, NftKey.AddressRange, family, HasVerdicts: false, "pod ranges of this node");

    private static NftSet Address(string name, IpFamily family) =>
        new(name, NftKey.Address, family, HasVerdicts: false, "known pod IPs");
}
