using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The ranges of a node's pods and the addresses in them that pods own, for a node that refuses unknown ones. Holds no addresses: which are known follows from the
/// state, and only what changed since the last <see cref="Flush"/> is noted.
/// </summary>
internal sealed class KnownPodIps(ClusterState state, string nodeName)
{
    private static readonly Difference<IpRange> s_noRange = new([], []);
    private static readonly Difference<IpAddress> s_noAddress = new([], []);

    private readonly Dictionary<IpAddress, bool> _wereKnown = [];
    private EquatableArray<IpRange> _told = RangesOf(state.Nodes.GetValueOrDefault(nodeName));
    private EquatableArray<IpRange> _ranges = RangesOf(state.Nodes.GetValueOrDefault(nodeName));

    /// <summary>The ranges, disjoint and in order.</summary>
    public EquatableArray<IpRange> Ranges => _ranges;

    /// <summary>All known addresses.</summary>
    public IReadOnlyCollection<IpAddress> Contents => [.. Owned().Where(address => Contains(_ranges, address))];

    /// <summary>An address changed owners.</summary>
    public void EndpointChanged(IpAddress address, Pod? before, Pod? after)
    {
        if ((before is null) != (after is null) && Contains(_ranges, address))
        {
            _wereKnown.TryAdd(address, before is not null);
        }
    }

    /// <summary>A node changed. Rarely the own one, and then rarely its ranges.</summary>
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

    /// <summary>What has changed since the last call.</summary>
    public (Difference<IpRange> Ranges, Difference<IpAddress> Addresses) Flush()
    {
        var ranges = _told == _ranges ? s_noRange : new Difference<IpRange>([.. _ranges.Except(_told)], [.. _told.Except(_ranges)]);
        _told = _ranges;
        if (_wereKnown.Count == 0)
        {
            return (ranges, s_noAddress);
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
        return (ranges, new Difference<IpAddress>(added, removed));
    }

    private static EquatableArray<IpRange> RangesOf(Node? node) => node is null
        ? default
        : IpFamilies.All.SelectMany(family => (IEnumerable<IpRange>)AddressRanges.Of(node.PodCidrs.Select(static cidr => new IpBlockPeer(cidr, [])), family)).ToEquatableArray();

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
        state.Pods.Where(static pod => pod.IsEndpoint).SelectMany(static pod => (IEnumerable<IpAddress>)pod.Addresses, static (pod, address) => (pod, address))
            .Where(owned => state.Owns(owned.pod, owned.address)).Select(static owned => owned.address);
}
