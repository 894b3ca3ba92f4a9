using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>One policy rule: its peers as sets, its ports as ranges and names.</summary>
internal sealed class CompiledRule
{
    private readonly PolicyRule _rule;
    private readonly int _maxSets;
    private readonly List<ElementSource> _sources = [];
    private CompiledPeers? _v4;
    private CompiledPeers? _v6;

    public CompiledRule(PolicyRule rule, string policyNamespace, int maxSets)
    {
        _rule = rule;
        _maxSets = maxSets;
        foreach (var peer in rule.Peers)
        {
            if (peer is SelectorPeer pods && PeerSelector.FromPeer(pods, policyNamespace) is { } selector)
            {
                _sources.Add(new ElementSource(selector));
            }
        }

        AllPorts = rule.Ports.IsEmpty;
        var ranges = new List<PortRange>(rule.Ports.Count);
        List<PortName>? names = null;
        foreach (var port in rule.Ports)
        {
            if (port.Name is { } name)
            {
                (names ??= []).Add(new(name, port.Protocol));
            }
            else if (RangeOf(port) is { } range)
            {
                ranges.Add(range);
            }
        }

        PortRanges = ranges;
        NamedPorts = names is null ? NamedPortSet.Empty : new NamedPortSet(names);
    }

    /// <summary>Whether the rule allows every port of every protocol.</summary>
    public bool AllPorts { get; }

    public IReadOnlyList<PortRange> PortRanges { get; }

    public NamedPortSet NamedPorts { get; }

    /// <summary>The peers in one family, prepared when a fence first needs them.</summary>
    public CompiledPeers Peers(IpFamily family)
    {
        ref var peers = ref family == IpFamily.IPv4 ? ref _v4 : ref _v6;
        return peers ??= new CompiledPeers(_rule.Peers, _sources, family, _maxSets);
    }

    /// <summary>
    /// <c>port</c> to <c>endPort</c>, inclusive; null if a stored object has numbers that validation rejects today,
    /// such as a range that ends before it begins.
    /// </summary>
    internal static PortRange? RangeOf(PolicyPort port)
    {
        if (port.First is not { } first)
        {
            return PortRange.WholeProtocol(port.Protocol);
        }

        var last = Math.Min(port.Last ?? first, ushort.MaxValue);
        return first < 0 || last < first ? null : new PortRange(port.Protocol, (ushort)first, (ushort)last);
    }
}
