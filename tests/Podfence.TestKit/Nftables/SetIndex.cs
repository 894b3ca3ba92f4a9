using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>
/// Finds the element of a set that a packet's key belongs to: hashed for single keys, by binary search for ranges.
/// </summary>
internal sealed class SetIndex
{
    private static readonly Comparer<NftElement> s_order = Comparer<NftElement>.Create(
        (left, right) =>
        {
            var order = left.Ports.CompareTo(right.Ports);
            return order != 0 ? order : left.Key.CompareTo(right.Key);
        }
    );

    private readonly Dictionary<SetElement, NftElement>? _keys;
    private readonly Dictionary<(byte Protocol, ushort Port), NftElement>? _ports;
    private readonly NftElement[] _ranges = [];

    public SetIndex(NftSetContent content)
    {
        switch (content.Set.Key)
        {
            case NftKey.AddressRange or NftKey.PortRange:
                _ranges = [.. content.Elements];
                Array.Sort(_ranges, s_order);
                break;
            case NftKey.Port:
                _ports = content.Elements.ToDictionary(element => ((byte)element.Ports.Protocol, element.Ports.First));
                break;
            default:
                _keys = content.Elements.ToDictionary(element => element.Key);
                break;
        }
    }

    public NftElement? Find(IpAddress address)
    {
        if (_keys is not null)
        {
            return _keys.GetValueOrDefault(SetElement.Of(address));
        }

        var candidate = LastBefore(element => element.Key.First <= address);
        return candidate is not null && address <= candidate.Key.Last ? candidate : null;
    }

    public NftElement? FindPair(IpAddress first, IpAddress second) =>
        _keys?.GetValueOrDefault(new SetElement(first, second, default, 0));

    public NftElement? FindEndpoint(IpAddress address, byte protocol, ushort port) =>
        _keys?.GetValueOrDefault(SetElement.Of(address, (Protocol)protocol, port));

    public NftElement? FindPort(byte protocol, ushort port)
    {
        if (_ports is not null)
        {
            return _ports.GetValueOrDefault((protocol, port));
        }

        var key = new PortRange((Protocol)protocol, port, ushort.MaxValue);
        var candidate = LastBefore(element => element.Ports.CompareTo(key) <= 0);
        return candidate is not null && candidate.Ports.Contains((Protocol)protocol, port) ? candidate : null;
    }

    private NftElement? LastBefore(Func<NftElement, bool> isBefore)
    {
        int low = 0,
            high = _ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isBefore(_ranges[middle]))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : _ranges[low - 1];
    }
}
