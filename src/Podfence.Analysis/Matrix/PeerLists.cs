using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// The different peer lists (<c>from</c>, <c>to</c>) of all rules in force. The lists that match an endpoint are its
/// signature: nothing else about it matters to rules.
/// </summary>
internal sealed class PeerLists
{
    /// <summary>The empty list, which matches every peer.</summary>
    public const int AnyPeer = -1;

    private readonly PeerMatcher _matcher;
    private readonly RelevantLabels _relevantLabels;
    private readonly Interner<(string? Home, PolicyPeer Peer)> _peers = new();
    private readonly Interner<int[]> _lists = new(SequenceComparer.Instance);
    private readonly Interner<int[]> _signatures = new(SequenceComparer.Instance);
    private readonly Dictionary<(string? Namespace, int Labels, int Blocks), int> _known = [];
    private readonly Interner<int[]> _blockSets = new(SequenceComparer.Instance);
    private readonly Dictionary<(string Namespace, int Peer), bool> _namespaces = [];
    private Index? _index;

    /// <summary>Makes an empty table.</summary>
    /// <param name="labelsOf">The labels of a namespace, or null where it is not known.</param>
    /// <param name="relevantLabels">Reduces labels of pods.</param>
    public PeerLists(Func<string, LabelSet?> labelsOf, RelevantLabels relevantLabels)
    {
        _matcher = new(labelsOf);
        _relevantLabels = relevantLabels;
    }

    /// <summary>How many lists there are.</summary>
    public int Count => _lists.Count;

    /// <summary>Ranges of addresses that are equal to all lists.</summary>
    public IReadOnlyList<IpRange> RangesOf(IpFamily family) => Indexed().Blocks.RangesOf(family);

    /// <summary>The number of a rule's list. All must be added before the first signature.</summary>
    public int Add(NetworkPolicy policy, PolicyRule rule) =>
        rule.Peers.IsEmpty
            ? AnyPeer
            : _lists.Of([
                .. rule
                    .Peers.Select(peer => _peers.Of((HomeOf(policy, peer), peer with { Line = 0 })))
                    .Distinct()
                    .Order(),
            ]);

    /// <summary>The lists of a signature, ascending.</summary>
    public int[] ListsOf(int signature) => _signatures[signature];

    /// <summary>The signature of an endpoint.</summary>
    public int SignatureOf(in ReachEndpoint end)
    {
        var index = Indexed();
        var blocks = index.Blocks.PeersOf(end.Address);
        var key = (
            end.Pod?.Key.Namespace,
            end.Pod is { } pod ? _relevantLabels.Of(pod.Labels) : -1,
            _blockSets.Of(blocks)
        );
        if (!_known.TryGetValue(key, out var signature))
        {
            IEnumerable<int> peers = blocks;
            if (key.Namespace is { } home)
            {
                var labels = _relevantLabels[key.Item2];
                peers = peers.Concat(
                    index
                        .AtHome.GetValueOrDefault(home, [])
                        .Concat(index.Anywhere)
                        .Where(peer => Matches(peer, home, labels))
                );
            }

            _known[key] = signature = _signatures.Of([
                .. peers.SelectMany(peer => index.ListsOfPeer[peer]).Distinct().Order(),
            ]);
        }

        return signature;
    }

    private static string? HomeOf(NetworkPolicy policy, PolicyPeer peer) =>
        peer is SelectorPeer { Namespaces: null } ? policy.Key.Namespace : null;

    private bool Matches(int number, string @namespace, LabelSet labels) =>
        PeerMatcher.MatchesLabels((SelectorPeer)_peers[number].Peer, labels) && MatchesNamespace(number, @namespace);

    private bool MatchesNamespace(int number, string @namespace)
    {
        if (!_namespaces.TryGetValue((@namespace, number), out var matches))
        {
            var (home, peer) = _peers[number];
            _namespaces[(@namespace, number)] = matches = _matcher.MatchesNamespace(
                home,
                (SelectorPeer)peer,
                @namespace
            );
        }

        return matches;
    }

    private Index Indexed()
    {
        if (_index is null)
        {
            var all = Enumerable.Range(0, _peers.Count).ToList();
            var listsOfPeer = all.ConvertAll(static _ => new List<int>());
            for (var list = 0; list < _lists.Count; list++)
            {
                Array.ForEach(_lists[list], peer => listsOfPeer[peer].Add(list));
            }

            _index = new(
                new BlockIndex([
                    .. all.Where(peer => _peers[peer].Peer is IpBlockPeer)
                        .Select(peer => ((IpBlockPeer)_peers[peer].Peer, peer)),
                ]),
                all.Where(peer => _peers[peer].Home is not null)
                    .GroupBy(peer => _peers[peer].Home!, StringComparer.Ordinal)
                    .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal),
                [.. all.Where(peer => _peers[peer] is { Home: null, Peer: SelectorPeer })],
                listsOfPeer
            );
        }

        return _index;
    }

    /// <summary>Peers by the namespaces that they apply to.</summary>
    private sealed record Index(
        BlockIndex Blocks,
        Dictionary<string, int[]> AtHome,
        int[] Anywhere,
        List<List<int>> ListsOfPeer
    );
}
