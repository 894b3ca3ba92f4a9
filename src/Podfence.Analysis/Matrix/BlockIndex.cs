using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Which of many blocks an address is in: found once for every range between the edges of the blocks.
/// </summary>
internal sealed class BlockIndex
{
    private readonly IReadOnlyList<(IpBlockPeer Block, int Peer)> _blocks;
    private readonly Dictionary<IpFamily, List<IpRange>> _ranges;
    private readonly Dictionary<IpRange, int[]> _peers = [];

    /// <summary>An index of blocks with their numbers.</summary>
    public BlockIndex(IReadOnlyList<(IpBlockPeer Block, int Peer)> blocks)
    {
        _blocks = blocks;
        _ranges = IpFamilies.All.ToDictionary(
            static family => family,
            family =>
                ExternalRanges.Of(
                    blocks.SelectMany(static block => block.Block.Except.Prepend(block.Block.Cidr)),
                    family
                )
        );
    }

    /// <summary>The ranges between the edges, ascending.</summary>
    public IReadOnlyList<IpRange> RangesOf(IpFamily family) => _ranges[family];

    /// <summary>The numbers of the blocks that the address is in, ascending.</summary>
    public int[] PeersOf(IpAddress address)
    {
        var ranges = _ranges[address.Family];
        var (low, high) = (0, ranges.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = ranges[middle].First <= address ? (middle, high) : (low, middle - 1);
        }

        if (!_peers.TryGetValue(ranges[low], out var peers))
        {
            _peers[ranges[low]] = peers = [
                .. _blocks.Where(block => block.Block.Contains(address)).Select(static block => block.Peer),
            ];
        }

        return peers;
    }
}
