using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Cuts the ports of one protocol into spans that no rule tells apart, and says which peers each span admits. Many rules may overlap in any way;
/// a segment tree keeps the answer small: a rule is noted at a logarithmic number of nodes, and a span's peers are those on its path to the root,
/// each node's united in one set where they are many. So neither the packet's path nor the sum of all sets grows with the product of rules and spans.
/// A node has four children: against two that halves the lookups of a packet, for sets that are half as large again in sum.
/// </summary>
internal sealed class PortTree
{
    private const int Fanout = 4;

    private readonly int _mostSets;
    private readonly int[] _starts;
    private readonly int _leaves;
    private readonly int _inner;
    private readonly List<AllowedPeer>?[] _nodes;
    private readonly List<AllowedPeer>?[] _united;

    private PortTree(IReadOnlyCollection<(PortSpan Ports, AllowedPeer Use)> rules, int mostSets)
    {
        _mostSets = mostSets;
        _starts = [.. rules.SelectMany(static rule => new[] { rule.Ports.First, rule.Ports.Last + 1 }).Distinct().Order()];
        for (_leaves = 1; _leaves < _starts.Length - 1; _leaves *= Fanout)
        {
            _inner += _leaves;
        }

        _nodes = new List<AllowedPeer>?[_inner + _leaves];
        _united = new List<AllowedPeer>?[_inner + _leaves];
        foreach (var (ports, use) in rules)
        {
            Insert(0, 0, _leaves, IndexOf(ports.First), IndexOf(ports.Last + 1), use);
        }
    }

    /// <summary>The spans that admit anybody, ascending; neighbours that admit the same are one span. The sets they refer to are added to <paramref name="sets"/>.</summary>
    public static IEnumerable<PortBranch> Branches(Protocol protocol, IReadOnlyCollection<(PortSpan Ports, AllowedPeer Use)> rules, int mostSets, Dictionary<SetId, SetDefinition> sets)
    {
        if (rules.Count == 0)
        {
            yield break;
        }

        var tree = new PortTree(rules, mostSets);
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

            open = new PortBranch(new PortSpan(protocol, first, last), allowed);
        }

        if (open is { Rules.IsEmpty: false })
        {
            yield return open;
        }
    }

    private int IndexOf(int start) => Array.BinarySearch(_starts, start);

    private void Insert(int node, int low, int high, int from, int to, AllowedPeer use)
    {
        if (from >= high || to <= low)
        {
            return;
        }

        if (from <= low && high <= to)
        {
            (_nodes[node] ??= []).Add(use);
            return;
        }

        var width = (high - low) / Fanout;
        for (var child = 0; child < Fanout; child++)
        {
            Insert((Fanout * node) + 1 + child, low + (child * width), low + ((child + 1) * width), from, to, use);
        }
    }

    private EquatableArray<AllowRule> RulesAt(int leaf, Dictionary<SetId, SetDefinition> sets)
    {
        var raw = PathFrom(leaf).Sum(node => _nodes[node]?.Count ?? 0);
        var all = PathFrom(leaf).SelectMany(node => raw <= _mostSets ? _nodes[node] ?? [] : United(node));

        var distinct = AllowedPeer.Distinct(all);
        foreach (var use in distinct)
        {
            if (use.Set is not null)
            {
                sets[use.Set.Id] = use.Set;
            }
        }

        return distinct.Select(static use => use.ToRule()).ToEquatableArray();
    }

    /// <summary>The nodes from a leaf to the root, which is node 0.</summary>
    private IEnumerable<int> PathFrom(int leaf)
    {
        var node = _inner + leaf;
        for (; node > 0; node = (node - 1) / Fanout)
        {
            yield return node;
        }

        yield return 0;
    }

    private List<AllowedPeer> United(int node) => _united[node] ??= _nodes[node] is { } uses ? AllowedPeer.Few(uses, mostSets: 1) : [];
}
