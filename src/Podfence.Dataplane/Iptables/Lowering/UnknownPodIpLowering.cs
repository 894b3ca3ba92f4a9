using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Refuses addresses of this node's pod ranges that nobody is known to own: two sets and two chains, which stand before the dispatch, for both ends. Whoever passes here as known meets
/// the fence that was there before.
/// </summary>
internal static class UnknownPodIpLowering
{
    private static readonly string[] s_ends = ["src", "dst"];

    /// <summary>The sets of a family with what they hold.</summary>
    public static IEnumerable<IptSetContent> Sets(IReadOnlyCollection<IpRange> ranges, IReadOnlyCollection<IpAddress> known, IpFamily family) =>
        [Ranges(ranges, family), new IptSetContent(Known(family), Addresses(known, family))];

    /// <summary>The chains that base chains lead to.</summary>
    public static IEnumerable<IptChain> Chains(IpFamily family)
    {
        // The node may call itself by an address of its own in the range, the bridge's for instance.
        yield return new IptChain(IptNames.UnknownSource, [IptRule.Of("-i lo", "the node with itself", "-j RETURN"), .. Check("src", family)]);
        yield return new IptChain(IptNames.UnknownDestination, [.. Check("dst", family)]);
    }

    /// <summary>The rules of a base chain, for packets from and to addresses that pods may get.</summary>
    public static IptRule[] Rules(IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        var set = Ranges(ranges, family).Set.Name;
        return [.. s_ends.Select(end => end == "src"
            ? new IptRule("", new SetMatch(set, end), "from pods of this node", $"-j {IptNames.UnknownSource}")
            : new IptRule("", new SetMatch(set, end), "to pods of this node", $"-j {IptNames.UnknownDestination}"))];
    }

    /// <summary>The set of ranges, named by what it holds, so that it never changes: the blocks of two ranges that overlap cannot be told apart in one set.</summary>
    public static IptSetContent Ranges(IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        var blocks = SetLowering.Blocks(ranges.Where(range => range.Family == family).Select(static range => SetElement.Of(range)));
        return new(new IptSet(IptNames.RangesSet(family, string.Join(' ', blocks)), IptSetType.Blocks, family), blocks);
    }

    /// <summary>The set of the addresses in the ranges that pods own.</summary>
    public static IptSet Known(IpFamily family) => new(IptNames.KnownSet(family), IptSetType.Addresses, family);

    /// <summary>Addresses as elements.</summary>
    public static IptElement[] Addresses(IEnumerable<IpAddress> addresses, IpFamily family) =>
        [.. addresses.Where(address => address.Family == family).Select(static address => new IptElement(address.ToString()))];

    private static IptRule[] Check(string end, IpFamily family) =>
    [
        new IptRule("", new SetMatch(IptNames.KnownSet(family), end), "a pod has it", "-j RETURN"),
        IptRule.Of("", "not known yet", $"-g {IptNames.Unknown}"),
    ];
}
