using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Collects the elements of one set; intervals, which the kernel keeps as two elements each, are joined at the end.
/// </summary>
internal sealed class ElementDecoder(NftSet set)
{
    private readonly SetLayout _layout =
        set.Family is null && set.Key is not (NftKey.Port or NftKey.PortRange) ? default : SetLayout.Of(set);
    private readonly List<NftElement> _elements = [];
    private readonly List<(IpAddress Address, bool IsEnd, NftVerdict? Verdict, string? Comment)> _bounds = [];

    internal void Read(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.ElementListAttribute.Elements)
            {
                foreach (var element in attribute.Nested)
                {
                    ReadElement(element.Nested);
                }
            }
        }
    }

    internal IReadOnlyCollection<NftElement> Build()
    {
        if (_layout.HasEndElements)
        {
            JoinIntervals();
        }

        // A hash table that grows during a dump may return an element twice (rhashtable_walk_next).
        return [.. _elements.Distinct()];
    }

    private void ReadElement(NetlinkAttributes attributes)
    {
        ReadOnlySpan<byte> key = default;
        ReadOnlySpan<byte> keyEnd = default;
        NftVerdict? verdict = null;
        string? comment = null;
        string? foreign = null;
        uint flags = 0;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NfTables.ElementAttribute.Key:
                    key = Value(attribute.Nested);
                    break;
                case NfTables.ElementAttribute.KeyEnd:
                    keyEnd = Value(attribute.Nested);
                    break;
                case NfTables.ElementAttribute.Data:
                    verdict = ElementEncoder.ReadVerdict(attribute.Nested);
                    break;
                case NfTables.ElementAttribute.Flags:
                    flags = attribute.AsUInt32();
                    break;
                case NfTables.ElementAttribute.UserData:
                    comment = UserData.FindComment(attribute.Value, UserData.Comment);
                    break;
                default:
                    foreign = $"foreign: attribute {attribute.Type}";
                    break;
            }
        }

        if (key.Length != _layout.KeyLength || (flags & ~NfTables.ElementIntervalEnd) != 0)
        {
            // The catch-all element, for one, has no key.
            _elements.Add(
                new NftElement(default, default, verdict, $"foreign: flags {flags}, key of {key.Length} bytes")
                {
                    IsForeign = true,
                }
            );
            return;
        }

        comment = foreign ?? comment;
        if (_layout.HasEndElements)
        {
            _bounds.Add((IpAddress.FromBytes(key), (flags & NfTables.ElementIntervalEnd) != 0, verdict, comment));
            return;
        }

        var (element, ports) = SetLayout.Read(set.Key, key, keyEnd.Length == key.Length ? keyEnd : key);
        _elements.Add(new NftElement(element, ports, verdict, comment));
    }

    private static ReadOnlySpan<byte> Value(NetlinkAttributes data)
    {
        foreach (var attribute in data)
        {
            if (attribute.Type == NfTables.DataAttribute.Value)
            {
                return attribute.Value;
            }
        }

        return default;
    }

    /// <summary>
    /// An interval extends to the next bound, its end or the start of another, or to the last address.
    /// </summary>
    private void JoinIntervals()
    {
        _bounds.Sort(
            static (left, right) =>
            {
                var order = left.Address.CompareTo(right.Address);
                return order != 0 ? order : right.IsEnd.CompareTo(left.IsEnd);
            }
        );
        for (var i = 0; i < _bounds.Count; i++)
        {
            var (first, isEnd, verdict, comment) = _bounds[i];
            if (isEnd)
            {
                continue;
            }

            var last =
                i + 1 < _bounds.Count
                    ? new IpAddress(first.Family, _bounds[i + 1].Address.Value - UInt128.One)
                    : new Cidr(first, 0).Last;
            _elements.Add(new NftElement(SetElement.Of(new IpRange(first, last)), default, verdict, comment));
        }

        _bounds.Clear();
    }
}
