using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// Turns ipBlocks into what a kernel set can hold: ascending ranges that neither overlap nor touch. Exceptions are
/// removed from their own block only, before the blocks are united, because an exception is not a denial.
/// </summary>
internal static class AddressRanges
{
    /// <summary>The union of the blocks of one family.</summary>
    public static EquatableArray<IpRange> FromBlocks(IEnumerable<IpBlockPeer> blocks, IpFamily family)
    {
        var pieces = new List<(UInt128 First, UInt128 Last)>();
        foreach (var block in blocks)
        {
            if (block.Cidr.Family == family)
            {
                AddWithoutExceptions(block, pieces);
            }
        }

        return Normalise(pieces, family);
    }

    /// <summary>The union of normalised lists.</summary>
    public static EquatableArray<IpRange> Union(IEnumerable<EquatableArray<IpRange>> lists, IpFamily family)
    {
        var pieces = new List<(UInt128 First, UInt128 Last)>();
        foreach (var list in lists)
        {
            foreach (var range in list)
            {
                pieces.Add((range.First.Value, range.Last.Value));
            }
        }

        return Normalise(pieces, family);
    }

    /// <summary>Whether a normalised list holds every address of the family.</summary>
    public static bool IsEverything(EquatableArray<IpRange> ranges, IpFamily family) =>
        ranges.Count == 1 && ranges[0] == new IpRange(Lowest(family), Highest(family));

    private static IpAddress Lowest(IpFamily family) => new(family, 0);

    private static IpAddress Highest(IpFamily family) =>
        new(family, family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue);

    private static void AddWithoutExceptions(IpBlockPeer block, List<(UInt128 First, UInt128 Last)> pieces)
    {
        var last = block.Cidr.Last.Value;
        var next = block.Cidr.Network.Value;
        var holes = block
            .Except.Where(hole => hole.Family == block.Cidr.Family)
            .OrderBy(static hole => hole.Network.Value)
            .ThenBy(static hole => hole.PrefixLength);
        foreach (var hole in holes)
        {
            var (holeFirst, holeLast) = (hole.Network.Value, hole.Last.Value);
            if (holeLast < next || holeFirst > last)
            {
                continue;
            }

            if (holeFirst > next)
            {
                pieces.Add((next, holeFirst - 1));
            }

            if (holeLast >= last)
            {
                return;
            }

            next = holeLast + 1;
        }

        pieces.Add((next, last));
    }

    private static EquatableArray<IpRange> Normalise(List<(UInt128 First, UInt128 Last)> pieces, IpFamily family)
    {
        pieces.Sort();
        var result = new List<IpRange>(pieces.Count);
        for (var i = 0; i < pieces.Count; )
        {
            var (first, last) = pieces[i];
            // Touching ranges are one range; the first condition keeps the highest address from wrapping to zero.
            for (i++; i < pieces.Count && (last == UInt128.MaxValue || pieces[i].First <= last + 1); i++)
            {
                last = UInt128.Max(last, pieces[i].Last);
            }

            result.Add(new IpRange(new IpAddress(family, first), new IpAddress(family, last)));
        }

        return result.ToEquatableArray();
    }
}
