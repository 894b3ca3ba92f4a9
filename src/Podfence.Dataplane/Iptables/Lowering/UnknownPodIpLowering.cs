using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Denies unknown pod IPs of this node's pod ranges: two sets and two chains ahead of the dispatch, for both ends. A
/// pod IP that passes here as known meets the fence that was attached before it became known.
/// </summary>
internal static class UnknownPodIpLowering
{
    private static readonly string[] s_ends = ["src", "dst"];

    /// <summary>The sets of a family with their content.</summary>
    public static IEnumerable<IptSetContent> Sets(
        IReadOnlyCollection<IpRange> ranges,
        IReadOnlyCollection<IpAddress> known,
        IpFamily family
    ) => [Ranges(ranges, family), new IptSetContent(Known(family), Addresses(known, family))];

    /// <summary>The chains that base chains jump to.</summary>
    public static IEnumerable<IptChain> Chains(IpFamily family)
    {
        // The node may connect to itself by an address of its own in the range, such as the bridge's.
        yield return new IptChain(
            IptNames.UnknownSource,
            [IptRule.Of("-i lo", "the node to itself", "-j RETURN"), .. Check("src", family)]
        );
        yield return new IptChain(IptNames.UnknownDestination, [.. Check("dst", family)]);
    }

    /// <summary>The rules of a base chain, for packets from and to this node's pod ranges.</summary>
    public static IptRule[] Rules(IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        var set = Ranges(ranges, family).Set.Name;
        return
        [
            .. s_ends.Select(end =>
                end == "src"
                    ? new IptRule("", new SetMatch(set, end), "from pods of this node", $"-j {IptNames.UnknownSource}")
                    : new IptRule(
                        "",
                        new SetMatch(set, end),
                        "to pods of this node",
                        $"-j {IptNames.UnknownDestination}"
                    )
            ),
        ];
    }

    /// <summary>
    /// The set of ranges, named by its content, so that it never changes: the blocks of two overlapping ranges cannot
    /// be distinguished in one set.
    /// </summary>
    public static IptSetContent Ranges(IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        var blocks = SetLowering.Blocks(
            ranges.Where(range => range.Family == family).Select(static range => SetElement.Of(range))
        );
        return new(new IptSet(IptNames.RangesSet(family, string.Join(' ', blocks)), IptSetType.Blocks, family), blocks);
    }

    /// <summary>The set of known pod IPs in the ranges.</summary>
    public static IptSet Known(IpFamily family) => new(IptNames.KnownSet(family), IptSetType.Addresses, family);

    /// <summary>Addresses as elements.</summary>
    public static IptElement[] Addresses(IEnumerable<IpAddress> addresses, IpFamily family) =>
        [
            .. addresses
                .Where(address => address.Family == family)
                .Select(static address => new IptElement(address.ToString())),
        ];

    private static IptRule[] Check(string end, IpFamily family) =>
        [
            new IptRule("", new SetMatch(IptNames.KnownSet(family), end), "known pod IP", "-j RETURN"),
            IptRule.Of("", "unknown pod IP", $"-g {IptNames.Unknown}"),
        ];
}
