using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

internal static class PortRanges
{
    /// <summary>The same ports in as few ranges as possible, ascending.</summary>
    public static List<PortRange> Merge(List<PortRange> ranges)
    {
        if (ranges.Count < 2)
        {
            return ranges;
        }

        var merged = new List<PortRange>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && merged[^1].Protocol == range.Protocol && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    public static bool Overlap(PortRange one, PortRange other) =>
        one.Protocol == other.Protocol && one.First <= other.Last && other.First <= one.Last;
}
