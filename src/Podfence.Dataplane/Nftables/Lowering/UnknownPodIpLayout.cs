using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The part of our table that refuses addresses of this node's pod ranges that nobody is known to own. It stands before the maps that lead to fences, for both ends:
/// whoever passes here as known meets the fence that became known with it.
/// </summary>
internal static class UnknownPodIpLayout
{
    /// <summary>The ranges of this node's pods in a family.</summary>
    public static NftSet Ranges(IpFamily family) => family == IpFamily.IPv4 ? s_ranges4 : s_ranges6;

    /// <summary>The addresses in them that pods own.</summary>
    public static NftSet Known(IpFamily family) => family == IpFamily.IPv4 ? s_known4 : s_known6;

    /// <summary>Whether a set is one of <see cref="Ranges"/>.</summary>
    public static bool IsRanges(NftSet set) => set.Name == s_ranges4.Name || set.Name == s_ranges6.Name;

    /// <summary>Whether a set is one of <see cref="Known"/>.</summary>
    public static bool IsKnown(NftSet set) => set.Name == s_known4.Name || set.Name == s_known6.Name;

    /// <summary>The sets with what they hold.</summary>
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
        [.. addresses.Where(address => address.Family == family).Select(static address => new NftElement(SetElement.Of(address)))];

    /// <summary>The chains that base chains lead to.</summary>
    public static IEnumerable<NftChain> Chains => [s_sources, s_destinations];

    /// <summary>The rules of base chains for one end.</summary>
    public static IEnumerable<NftRule> Rules(PacketEnd end) => IpFamilies.All.Select(family =>
        TableLayout.Rule(
            end == PacketEnd.Source ? "from pods of this node" : "to pods of this node",
            NftVerdict.Jump((end == PacketEnd.Source ? s_sources : s_destinations).Name),
            new AddressMatch(end, family, Ranges(family).Name)));

    private static NftRule[] Check(PacketEnd end) =>
    [
        .. IpFamilies.All.Select(family => TableLayout.Rule("a pod has it", NftVerdict.Return, new AddressMatch(end, family, Known(family).Name))),
        TableLayout.Rule("not known yet", NftVerdict.Goto(TableLayout.Refuse)),
    ];

    private static readonly NftSet s_ranges4 = Range("pod-ranges-v4", IpFamily.IPv4);
    private static readonly NftSet s_ranges6 = Range("pod-ranges-v6", IpFamily.IPv6);
    private static readonly NftSet s_known4 = Address("known-v4", IpFamily.IPv4);
    private static readonly NftSet s_known6 = Address("known-v6", IpFamily.IPv6);

    // The node may call itself by an address of its own in the range, the bridge's for instance.
    private static readonly NftChain s_sources = new(
        "unknown-source",
        null,
        [TableLayout.Rule("the node with itself", NftVerdict.Return, new LoopbackMatch()), .. Check(PacketEnd.Source)],
        "from addresses that pods may get");

    private static readonly NftChain s_destinations = new("unknown-destination", null, [.. Check(PacketEnd.Destination)], "to addresses that pods may get");

    private static NftSet Range(string name, IpFamily family) => new(name, NftKey.AddressRange, family, HasVerdicts: false, "what pods of this node get addresses from");

    private static NftSet Address(string name, IpFamily family) => new(name, NftKey.Address, family, HasVerdicts: false, "addresses that pods have");
}
