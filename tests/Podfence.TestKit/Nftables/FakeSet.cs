using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>A set in the fake kernel: rejects what the kernel rejects and counts references.</summary>
internal sealed class FakeSet(NftSet definition)
{
    private readonly Dictionary<(SetElement Key, PortRange Ports), NftElement> _elements = [];
    private readonly List<(SetElement Key, PortRange Ports)> _intervals = [];

    public NftSet Definition { get; } = definition;

    /// <summary>Rules that look things up here.</summary>
    public int Uses { get; set; }

    /// <summary>Chains that elements lead to, with the number of such elements.</summary>
    public Dictionary<string, int> Targets { get; } = [];

    public IReadOnlyCollection<NftElement> Elements => _elements.Values;

    private bool IsInterval => Definition.Key is NftKey.AddressRange or NftKey.PortRange;

    private bool HasPorts => Definition.Key is NftKey.Port or NftKey.PortRange;

    /// <summary>The element of a key as it is, or null.</summary>
    public NftElement? Find(NftElement element) => _elements.GetValueOrDefault((element.Key, element.Ports));

    public void Add(NftElement element)
    {
        Check(element);
        var key = (element.Key, element.Ports);
        if (IsInterval)
        {
            var index = IndexOf(key);
            if (
                (index > 0 && !IsBefore(_intervals[index - 1], key))
                || (index < _intervals.Count && !IsBefore(key, _intervals[index]))
            )
            {
                throw FakeFailures.Conflict($"element {Text(element)} overlaps another of {Definition.Name}");
            }

            _intervals.Insert(index, key);
        }

        if (!_elements.TryAdd(key, element))
        {
            throw FakeFailures.Conflict($"element {Text(element)} is in {Definition.Name} already");
        }

        if (element.Verdict?.Chain is { } chain)
        {
            Targets[chain] = Targets.GetValueOrDefault(chain) + 1;
        }
    }

    public NftElement Remove(NftElement element)
    {
        var key = (element.Key, element.Ports);
        if (!_elements.Remove(key, out var removed))
        {
            throw FakeFailures.Conflict($"element {Text(element)} is not in {Definition.Name}");
        }

        if (IsInterval)
        {
            _intervals.RemoveAt(IndexOf(key));
        }

        if (removed.Verdict?.Chain is { } chain && --Targets[chain] == 0)
        {
            Targets.Remove(chain);
        }

        return removed;
    }

    private void Check(NftElement element)
    {
        var (key, ports, verdict, _) = element;
        if (HasPorts)
        {
            FakeFailures.Require(key == default, $"an element of {Definition.Name} has an address");
            FakeFailures.Require(
                Enum.IsDefined(ports.Protocol) && ports.First <= ports.Last,
                $"{ports} is not a range of ports"
            );
            FakeFailures.Require(
                IsInterval || ports.First == ports.Last,
                $"{ports} is a range, but {Definition.Name} has single ports"
            );
        }
        else
        {
            FakeFailures.Require(ports == default, $"an element of {Definition.Name} has a range of ports");
            FakeFailures.Require(
                key.First.Family == Definition.Family && key.Last.Family == Definition.Family,
                $"{key} is of another family than {Definition.Name}"
            );
            FakeFailures.Require(
                key.First <= key.Last || Definition.Key == NftKey.AddressPair,
                $"{key} ends before it begins"
            );
            FakeFailures.Require(
                key.First == key.Last || Definition.Key is NftKey.AddressRange or NftKey.AddressPair,
                $"{key} is not a single address"
            );
            var endpoint = Definition.Key == NftKey.Endpoint;
            FakeFailures.Require(
                endpoint ? Enum.IsDefined(key.Protocol) : key.Protocol == default && key.Port == 0,
                $"{key} does not fit {Definition.Name}"
            );
        }

        FakeFailures.Require(
            verdict is not null == Definition.HasVerdicts,
            $"{Text(element)} in {Definition.Name}: a map needs verdicts, a set has none"
        );
        FakeFailures.CheckComment(element.Comment);
    }

    private string Text(NftElement element) => HasPorts ? element.Ports.ToString() : element.Key.ToString();

    private int IndexOf((SetElement Key, PortRange Ports) key)
    {
        var index = _intervals.BinarySearch(key, s_order);
        return index < 0 ? ~index : index;
    }

    private bool IsBefore((SetElement Key, PortRange Ports) left, (SetElement Key, PortRange Ports) right) =>
        HasPorts
            ? left.Ports.Protocol != right.Ports.Protocol || left.Ports.Last < right.Ports.First
            : left.Key.Last < right.Key.First;

    private static readonly Comparer<(SetElement Key, PortRange Ports)> s_order = Comparer<(
        SetElement Key,
        PortRange Ports
    )>.Create(
        (left, right) =>
        {
            var order = left.Key.CompareTo(right.Key);
            return order != 0 ? order : left.Ports.CompareTo(right.Ports);
        }
    );
}
