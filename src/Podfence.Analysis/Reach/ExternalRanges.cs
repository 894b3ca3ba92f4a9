using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Splits the addresses of a family into ranges that are equal to some policies.</summary>
internal static class ExternalRanges
{
    /// <summary>
    /// Ascending ranges that cover the family, cut at the edges of the blocks in the policies' rules for a direction.
    /// </summary>
    public static List<IpRange> Of(IEnumerable<NetworkPolicy> policies, Direction direction, IpFamily family) =>
        Of(
            policies
                .SelectMany(policy => policy.RulesFor(direction))
                .SelectMany(static rule => rule.Peers)
                .OfType<IpBlockPeer>()
                .SelectMany(static block => block.Except.Prepend(block.Cidr)),
            family
        );

    /// <summary>Ascending ranges that cover the family, cut at the edges of some blocks.</summary>
    public static List<IpRange> Of(IEnumerable<Cidr> blocks, IpFamily family)
    {
        var highest = family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;
        var cuts = new SortedSet<UInt128> { 0 };
        foreach (var block in blocks.Where(block => block.Family == family))
        {
            cuts.Add(block.Network.Value);
            if (block.Last.Value != highest)
            {
                cuts.Add(block.Last.Value + 1);
            }
        }

        var firsts = cuts.ToList();
        return
        [
            .. firsts.Select(
                (first, i) =>
                    new IpRange(new(family, first), new(family, i + 1 < firsts.Count ? firsts[i + 1] - 1 : highest))
            ),
        ];
    }

    /// <summary>
    /// A block where the range is one, else first and last address; <c>0.0.0.0/0</c> for a whole family.
    /// </summary>
    public static string Text(IpRange range)
    {
        var size = range.Last.Value - range.First.Value;
        var isBlock = (size & (size + 1)) == 0 && (range.First.Value & size) == 0;
        var hostBits = size == UInt128.MaxValue ? 128 : (int)UInt128.PopCount(size);
        return isBlock ? new Cidr(range.First, range.Family.Bits() - hostBits).ToString() : range.ToString();
    }
}
