using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// The different lists of peers (<c>from</c>, <c>to</c>) of all rules in force. Which of them mean an end is all that rules can tell about it: its signature.
/// </summary>
internal sealed class PeerLists
{
    /// <summary>The list that is empty and means everyone.</summary>
    public const int Everyone = -1;

    private readonly Func<string, LabelSet?> _labelsOf;
    private readonly RelevantLabels _slim;
    private readonly Interner<(string? Home, PolicyPeer Peer)> _peers = new();
    private readonly Interner<int[]> _lists = new(SequenceComparer.Instance);
    private readonly Interner<int[]> _signatures = new(SequenceComparer.Instance);
    private readonly Dictionary<(string? Namespace, int Labels, int Blocks), int> _known = [];
    private readonly Interner<int[]> _blockSets = new(SequenceComparer.Instance);
    private readonly Dictionary<(string Namespace, int Peer), bool> _namespaces = [];
    private Index? _index;

    /// <summary>Makes an empty table.</summary>
    /// <param name="labelsOf">The labels of a namespace, or null where it is not known.</param>
    /// <param name="slim">Reduces labels of pods.</param>
    public PeerLists(Func<string, LabelSet?> labelsOf, RelevantLabels slim)
    {
        _labelsOf = labelsOf;
        _slim = slim;
    }

    /// <summary>How many lists there are.</summary>
    public int Count => _lists.Count;

    /// <summary>How many signatures have been found.</summary>
    public int Signatures => _signatures.Count;

    /// <summary>Ranges of addresses that no list tells apart.</summary>
    public IReadOnlyList<IpRange> RangesOf(IpFamily family) => Indexed().Blocks.RangesOf(family);

    /// <summary>The number of a rule's list. All are to be added before the first signature is asked for.</summary>
    public int Add(NetworkPolicy policy, PolicyRule rule) => rule.Peers.IsEmpty
        ? Everyone
        : _lists.Of([.. rule.Peers.Select(peer => _peers.Of((HomeOf(policy, peer), peer with { Line = 0 }))).Distinct().Order()]);

    /// <summary>The lists of a signature, ascending.</summary>
    public int[] ListsOf(int signature) => _signatures[signature];

    /// <summary>The signature of an end; ends with the same one are the same to every rule but for their ports.</summary>
    public int SignatureOf(in ReachEnd end)
    {
        var index = Indexed();
        var blocks = index.Blocks.PeersOf(end.Address);
        var key = (end.Pod?.Key.Namespace, end.Pod is { } pod ? _slim.Of(pod.Labels) : -1, _blockSets.Of(blocks));
        if (!_known.TryGetValue(key, out var signature))
        {
            IEnumerable<int> peers = blocks;
            if (key.Namespace is { } home)
            {
                var labels = _slim[key.Item2];
                peers = peers.Concat(index.AtHome.GetValueOrDefault(home, []).Concat(index.Anywhere).Where(peer => Selects(peer, home, labels)));
            }

            _known[key] = signature = _signatures.Of([.. peers.SelectMany(peer => index.ListsOfPeer[peer]).Distinct().Order()]);
        }

        return signature;
    }

    private static string? HomeOf(NetworkPolicy policy, PolicyPeer peer) => peer is SelectorPeer { Namespaces: null } ? policy.Key.Namespace : null;

    // That a peer without namespaceSelector means its policy's namespace is seen to by where it is filed.
    private bool Selects(int number, string home, LabelSet labels)
    {
        var peer = (SelectorPeer)_peers[number].Peer;
        return (peer.Namespaces is null || InNamespace(number, peer.Namespaces, home)) && (peer.Pods is null || peer.Pods.Matches(labels));
    }

    private bool InNamespace(int peer, LabelSelector selector, string name)
    {
        if (!_namespaces.TryGetValue((name, peer), out var matches))
        {
            _namespaces[(name, peer)] = matches = _labelsOf(name) is { } labels && selector.Matches(labels);
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
                new BlockIndex([.. all.Where(peer => _peers[peer].Peer is IpBlockPeer).Select(peer => ((IpBlockPeer)_peers[peer].Peer, peer))]),
                all.Where(peer => _peers[peer].Home is not null).GroupBy(peer => _peers[peer].Home!, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal),
                [.. all.Where(peer => _peers[peer] is { Home: null, Peer: SelectorPeer })],
                listsOfPeer);
        }

        return _index;
    }

    /// <summary>Peers by where they look.</summary>
    private sealed record Index(BlockIndex Blocks, Dictionary<string, int[]> AtHome, int[] Anywhere, List<List<int>> ListsOfPeer);
}
