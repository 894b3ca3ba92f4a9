using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A set of addresses as ranges.</summary>
internal sealed class AddressSet
{
    private readonly List<IpRange> _ranges;

    private AddressSet(List<IpRange> ranges) => _ranges = ranges;

    /// <summary>Whether nothing is left.</summary>
    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>The addresses of a block.</summary>
    public static AddressSet Of(Cidr cidr) => new([new(cidr.Network, cidr.Last)]);

    /// <summary>The addresses that a peer matches.</summary>
    public static AddressSet Of(IpBlockPeer peer) =>
        peer.Except.Aggregate(Of(peer.Cidr), static (set, hole) => set.Without(Of(hole)));

    /// <summary>What is left without others.</summary>
    public AddressSet Without(AddressSet others) =>
        new(others._ranges.Aggregate(_ranges, static (left, hole) => [.. left.SelectMany(range => Cut(range, hole))]));

    private static IEnumerable<IpRange> Cut(IpRange range, IpRange hole)
    {
        if (range.Family != hole.Family || hole.First > range.Last || hole.Last < range.First)
        {
            yield return range;
            yield break;
        }

        if (range.First < hole.First)
        {
            yield return new(range.First, new(range.Family, hole.First.Value - 1));
        }

        if (range.Last > hole.Last)
        {
            yield return new(new(range.Family, hole.Last.Value + 1), range.Last);
        }
    }
}
