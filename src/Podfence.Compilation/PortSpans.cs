using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>Arithmetic on spans of ports.</summary>
internal static class PortSpans
{
    /// <summary>The same ports in as few spans as possible, ascending.</summary>
    public static List<PortSpan> Merge(List<PortSpan> spans)
    {
        if (spans.Count < 2)
        {
            return spans;
        }

        var merged = new List<PortSpan>();
        foreach (var span in spans.Order())
        {
            if (merged.Count > 0 && merged[^1].Protocol == span.Protocol && span.First <= merged[^1].Last + 1)
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, span.Last) };
            }
            else
            {
                merged.Add(span);
            }
        }

        return merged;
    }
}
