using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Divides the ports of one protocol into port ranges within which all ports have the same rules, and finds the peers
/// allowed in each. Many rules may overlap in any way; a segment tree keeps the result small. A rule is stored at a
/// logarithmic number of nodes. The peers of a range are those on its path to the root, and the peers of one node are
/// united in one set if they are many. So neither a packet's path nor the sum of all sets grows with the product of
/// rules and ranges. A node has four children: compared with two, this halves the lookups of a packet, and the sets are
/// half as large again in sum.
/// </summary>
internal sealed class PortTree
{
    private const int Fanout = 4;

    private readonly int _maxSets;
    private readonly int[] _starts;
    private readonly int _leafCount;
    private readonly int _innerCount;
    private readonly List<AllowedPeer>?[] _nodes;
    private readonly List<AllowedPeer>?[] _united;

    private PortTree(IReadOnlyCollection<PeerOnPorts> rules, int maxSets)
    {
        _maxSets = maxSets;
        var ranges = rules.Select(static rule => rule.Ports!.Value);
        _starts = [.. ranges.SelectMany(static range => new[] { range.First, range.Last + 1 }).Distinct().Order()];
        for (_leafCount = 1; _leafCount < _starts.Length - 1; _leafCount *= Fanout)
        {
            _innerCount += _leafCount;
        }

        _nodes = new List<AllowedPeer>?[_innerCount + _leafCount];
        _united = new List<AllowedPeer>?[_innerCount + _leafCount];
        foreach (var rule in rules)
        {
            var ports = rule.Ports!.Value;
            Insert(0, 0, _leafCount, IndexOf(ports.First), IndexOf(ports.Last + 1), rule.Peer);
        }
    }

    /// <summary>
    /// The port ranges in which any peer is allowed, ascending; adjacent ranges with the same peers are one range.
    /// </summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="rules">Rules of this protocol; each has ports.</param>
    /// <param name="maxSets">If one place needs more sets than this, they are united.</param>
    /// <param name="sets">Receives the sets that the branches refer to.</param>
    public static IEnumerable<PortBranch> Branches(
        Protocol protocol,
        IReadOnlyCollection<PeerOnPorts> rules,
        int maxSets,
        Dictionary<SetId, SetDefinition> sets
    )
    {
        if (rules.Count == 0)
        {
            yield break;
        }

        var tree = new PortTree(rules, maxSets);
        PortBranch? open = null;
        for (var leaf = 0; leaf < tree._starts.Length - 1; leaf++)
        {
            var allowed = tree.RulesAt(leaf, sets);
            var (first, last) = ((ushort)tree._starts[leaf], (ushort)(tree._starts[leaf + 1] - 1));
            if (open is not null && open.Ports.Last + 1 == first && open.Rules == allowed)
            {
                open = open with { Ports = open.Ports with { Last = last } };
                continue;
            }

            if (open is { Rules.IsEmpty: false })
            {
                yield return open;
            }

            open = new PortBranch(new PortRange(protocol, first, last), allowed);
        }

        if (open is { Rules.IsEmpty: false })
        {
            yield return open;
        }
    }

    private int IndexOf(int start) => Array.BinarySearch(_starts, start);

    private void Insert(int node, int low, int high, int from, int to, AllowedPeer peer)
    {
        if (from >= high || to <= low)
        {
            return;
        }

        if (from <= low && high <= to)
        {
            (_nodes[node] ??= []).Add(peer);
            return;
        }

        var width = (high - low) / Fanout;
        for (var child = 0; child < Fanout; child++)
        {
            Insert((Fanout * node) + 1 + child, low + (child * width), low + ((child + 1) * width), from, to, peer);
        }
    }

    private EquatableArray<AllowRule> RulesAt(int leaf, Dictionary<SetId, SetDefinition> sets)
    {
        var count = PathFrom(leaf).Sum(node => _nodes[node]?.Count ?? 0);
        var all = PathFrom(leaf).SelectMany(node => count <= _maxSets ? _nodes[node] ?? [] : United(node));

        var distinct = AllowedPeer.Distinct(all);
        foreach (var peer in distinct)
        {
            if (peer.Set is not null)
            {
                sets[peer.Set.Id] = peer.Set;
            }
        }

        return distinct.Select(static peer => peer.ToRule()).ToEquatableArray();
    }

    /// <summary>The nodes from a leaf to the root, which is node 0.</summary>
    private IEnumerable<int> PathFrom(int leaf)
    {
        var node = _innerCount + leaf;
        for (; node > 0; node = (node - 1) / Fanout)
        {
            yield return node;
        }

        yield return 0;
    }

    private List<AllowedPeer> United(int node) =>
        _united[node] ??= _nodes[node] is { } peers ? AllowedPeer.Limit(peers, maxSets: 1) : [];
}
