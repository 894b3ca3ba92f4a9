using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The ranges of a node's pods and the addresses in them that pods own, for a node that denies unknown pod IPs. It
/// holds no addresses: which ones are known follows from the state, and only changes since the last <see cref="Flush"/>
/// are recorded.
/// </summary>
internal sealed class KnownPodIps(ClusterState state, string nodeName)
{
    private static readonly Delta<IpRange> s_noRanges = new([], []);
    private static readonly Delta<IpAddress> s_noAddresses = new([], []);

    private readonly Dictionary<IpAddress, bool> _wereKnown = [];
    private EquatableArray<IpRange> _flushedRanges = RangesOf(state.Nodes.GetValueOrDefault(nodeName));
    private EquatableArray<IpRange> _ranges = RangesOf(state.Nodes.GetValueOrDefault(nodeName));

    /// <summary>The ranges, disjoint and in order.</summary>
    public EquatableArray<IpRange> Ranges => _ranges;

    /// <summary>All known addresses.</summary>
    public IReadOnlyCollection<IpAddress> Contents => [.. Owned().Where(address => Contains(_ranges, address))];

    public void EndpointChanged(IpAddress address, Pod? before, Pod? after)
    {
        if ((before is null) != (after is null) && Contains(_ranges, address))
        {
            _wereKnown.TryAdd(address, before is not null);
        }
    }

    public void NodeChanged(Node? before, Node? after)
    {
        if ((before ?? after)!.Name != nodeName || RangesOf(after) is var ranges && ranges == _ranges)
        {
            return;
        }

        foreach (var address in Owned())
        {
            var was = Contains(_ranges, address);
            if (was != Contains(ranges, address))
            {
                _wereKnown.TryAdd(address, was);
            }
        }

        _ranges = ranges;
    }

    /// <summary>The changes since the last call.</summary>
    public (Delta<IpRange> Ranges, Delta<IpAddress> Addresses) Flush()
    {
        var ranges =
            _flushedRanges == _ranges
                ? s_noRanges
                : new Delta<IpRange>([.. _ranges.Except(_flushedRanges)], [.. _flushedRanges.Except(_ranges)]);
        _flushedRanges = _ranges;
        if (_wereKnown.Count == 0)
        {
            return (ranges, s_noAddresses);
        }

        var (added, removed) = (new List<IpAddress>(), new List<IpAddress>());
        foreach (var (address, was) in _wereKnown)
        {
            if (was != (state.OwnerOf(address) is not null && Contains(_ranges, address)))
            {
                (was ? removed : added).Add(address);
            }
        }

        _wereKnown.Clear();
        return (ranges, new Delta<IpAddress>(added, removed));
    }

    private static EquatableArray<IpRange> RangesOf(Node? node)
    {
        if (node is null)
        {
            return default;
        }

        var blocks = node.PodCidrs.Select(static cidr => new IpBlockPeer(cidr, [])).ToList();
        return IpFamilies
            .All.SelectMany(family => (IEnumerable<IpRange>)AddressRanges.FromBlocks(blocks, family))
            .ToEquatableArray();
    }

    private static bool Contains(EquatableArray<IpRange> ranges, IpAddress address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<IpAddress> Owned() =>
        state
            .Pods.Where(static pod => pod.IsEndpoint)
            .SelectMany(static pod => (IEnumerable<IpAddress>)pod.Addresses, static (pod, address) => (pod, address))
            .Where(owned => state.Owns(owned.pod, owned.address))
            .Select(static owned => owned.address);
}
