using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>External addresses that are equal to all policies.</summary>
/// <param name="Ranges">The ranges, ascending by family and address.</param>
/// <param name="IsRest">Whether no ipBlock matches them.</param>
public sealed record ExternalPart(EquatableArray<IpRange> Ranges, bool IsRest)
{
    private const int Shown = 4;
    private const int MaxHoles = 3;

    /// <summary>
    /// The ranges in words: <c>external 10.0.0.0/8 except 10.1.0.0/16</c>, or <c>external (others)</c> for those that
    /// no ipBlock matches; <c>external (all)</c> if there are no others.
    /// </summary>
    public string Name
    {
        get
        {
            if (IsRest)
            {
                return Ranges.All(static range => range.First.Value == 0 && range.Last.Value == Highest(range.Family))
                    ? "external (all)"
                    : "external (others)";
            }

            var texts = IpFamilies.All.SelectMany(family => Texts([.. Ranges.Where(range => range.Family == family)]));
            return $"external {ListText.Join(texts, Shown, " + ", " + ")}";
        }
    }

    private static UInt128 Highest(IpFamily family) => family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;

    /// <summary>
    /// As a rule would write it where that is shorter: the smallest block around all, and the blocks that it lacks.
    /// </summary>
    private static IEnumerable<string> Texts(List<IpRange> ranges)
    {
        if (ranges.Count > 1)
        {
            var cover = Cover(ranges[0].First, ranges[^1].Last);
            var holes = Holes(cover, ranges).Select(ExternalRanges.Text).ToList();
            if (
                holes.Count <= MaxHoles
                && holes.TrueForAll(static hole => hole.Contains('/', StringComparison.Ordinal))
            )
            {
                return [$"{cover} except {string.Join(" and ", holes)}"];
            }
        }

        return ranges.Select(ExternalRanges.Text);
    }

    private static IEnumerable<IpRange> Holes(Cidr cover, List<IpRange> ranges)
    {
        var next = cover.Network.Value;
        foreach (var range in ranges)
        {
            if (range.First.Value > next)
            {
                yield return new(new(cover.Family, next), new(cover.Family, range.First.Value - 1));
            }

            next = range.Last.Value + 1;
        }

        if (ranges[^1].Last != cover.Last)
        {
            yield return new(new(cover.Family, next), cover.Last);
        }
    }

    private static Cidr Cover(IpAddress first, IpAddress last)
    {
        var length = first.Family.Bits();
        while (!new Cidr(first, length).Contains(last))
        {
            length--;
        }

        return new(first, length);
    }
}

/// <summary>Splits the external addresses into parts that are equal to all policies.</summary>
public static class ExternalParts
{
    /// <summary>
    /// The parts that are equal to the policies of all clusters, in the families that their pods have.
    /// </summary>
    public static IReadOnlyList<ExternalPart> Of(params IReadOnlyList<Cluster> clusters)
    {
        var all = clusters.Select(static cluster => ReachClasses.Of(cluster.State)).ToList();
        return Cut(all, [.. clusters.Select(static cluster => cluster.State)]);
    }

    internal static IReadOnlyList<ExternalPart> Cut(
        IReadOnlyList<ReachClasses> classes,
        IReadOnlyList<ClusterState> states
    )
    {
        var families = states
            .SelectMany(static state => state.Pods)
            .Where(static pod => pod.IsEndpoint)
            .SelectMany(static pod => pod.Addresses)
            .Select(static address => address.Family)
            .ToHashSet();
        var taken = states.Select(Taken).Aggregate(static (all, one) => [.. all.Intersect(one)]);
        var parts = new Dictionary<int[], List<IpRange>>(SequenceComparer.Instance);
        var order = new List<int[]>();
        foreach (
            var range in IpFamilies
                .All.Where(families.Contains)
                .SelectMany(family => Common([.. classes.Select(one => one.RangesOf(family))]))
                .Where(range => HasRoom(range, taken))
        )
        {
            int[] signatures = [.. classes.Select(one => one.SignatureOf(ReachEndpoint.External(range.First)))];
            if (!parts.TryGetValue(signatures, out var ranges))
            {
                parts[signatures] = ranges = [];
                order.Add(signatures);
            }

            // Adjacent equal ranges are merged.
            if (ranges is [.., var last] && last.Family == range.Family && last.Last.Value + 1 == range.First.Value)
            {
                ranges[^1] = new(last.First, range.Last);
            }
            else
            {
                ranges.Add(range);
            }
        }

        return
        [
            .. order
                .Select(signatures => new ExternalPart(
                    parts[signatures].ToEquatableArray(),
                    IsRest: !signatures
                        .Select((signature, i) => classes[i].IsMatched(signature))
                        .Any(static matched => matched)
                ))
                .OrderBy(static part => part.IsRest),
        ];
    }

    private static HashSet<IpAddress> Taken(ClusterState state) =>
        [
            .. state.Pods.SelectMany(static pod => pod.Addresses).Where(address => state.OwnerOf(address) is not null),
            .. state.Nodes.Values.SelectMany(static node => node.Addresses),
        ];

    /// <summary>
    /// Whether the range has an external address: a rule for the address of one node matches nothing else.
    /// </summary>
    private static bool HasRoom(IpRange range, HashSet<IpAddress> taken)
    {
        var size = range.Last.Value - range.First.Value;
        if (size >= (UInt128)taken.Count)
        {
            return true;
        }

        for (UInt128 offset = 0; offset <= size; offset++)
        {
            if (!taken.Contains(new(range.Family, range.First.Value + offset)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ranges that none of the lists of ranges cuts.</summary>
    private static IEnumerable<IpRange> Common(IReadOnlyList<IReadOnlyList<IpRange>> lists)
    {
        var firsts = lists
            .SelectMany(static ranges => ranges.Select(static range => range.First))
            .Distinct()
            .Order()
            .ToList();
        var last = lists[0][^1].Last;
        return firsts.Select(
            (first, i) => new IpRange(first, i + 1 < firsts.Count ? new(first.Family, firsts[i + 1].Value - 1) : last)
        );
    }
}
