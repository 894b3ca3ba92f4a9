using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>A change of this node's pod ranges and of the known pod IPs in them.</summary>
/// <param name="Options">The node's settings.</param>
/// <param name="Before">The ranges before.</param>
/// <param name="After">The ranges afterwards.</param>
/// <param name="Known">Pod IPs that become known and unknown.</param>
internal sealed record UnknownPodIpChange(
    RulesetOptions Options,
    IReadOnlyCollection<IpRange> Before,
    IReadOnlyCollection<IpRange> After,
    Delta<IpAddress> Known
)
{
    public bool IsEmpty => Known.IsEmpty && Before.Count == After.Count && Before.All(After.Contains);

    /// <summary>The ranges before and afterwards, disjoint.</summary>
    public IReadOnlyCollection<IpRange> Union { get; } = Merge(Before.Concat(After));

    public bool IsInBefore(IpAddress address) => Before.Any(range => range.Contains(address));

    public bool IsInAfter(IpAddress address) => After.Any(range => range.Contains(address));

    private static List<IpRange> Merge(IEnumerable<IpRange> ranges)
    {
        var merged = new List<IpRange>();
        foreach (var range in ranges.OrderBy(static range => range.Family).ThenBy(static range => range.First))
        {
            if (merged is [.., var last] && last.Contains(range.First))
            {
                merged[^1] = new IpRange(last.First, range.Last > last.Last ? range.Last : last.Last);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
