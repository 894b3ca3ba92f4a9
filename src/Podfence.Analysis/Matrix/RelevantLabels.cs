using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Labels reduced to the keys that some podSelector reads: pods that differ only in other labels, such as template
/// hashes, are equal to all policies.
/// </summary>
internal sealed class RelevantLabels
{
    private readonly HashSet<string> _keys;
    private readonly Dictionary<LabelSet, int> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Interner<LabelSet> _relevant = new();

    public RelevantLabels(IEnumerable<NetworkPolicy> policies) =>
        _keys = policies
            .SelectMany(Selectors)
            .SelectMany(static selector => selector.Requirements)
            .Select(static requirement => requirement.Key)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The labels of a number.</summary>
    public LabelSet this[int number] => _relevant[number];

    /// <summary>The number of what remains of the labels.</summary>
    public int Of(LabelSet labels)
    {
        if (!_known.TryGetValue(labels, out var number))
        {
            _known[labels] = number = _relevant.Of(LabelSet.Create(labels.Where(label => _keys.Contains(label.Key))));
        }

        return number;
    }

    private static IEnumerable<LabelSelector> Selectors(NetworkPolicy policy) =>
        policy
            .RulesFor(Direction.Ingress)
            .Concat(policy.RulesFor(Direction.Egress))
            .SelectMany(static rule => rule.Peers)
            .OfType<SelectorPeer>()
            .Select(static peer => peer.Pods)
            .OfType<LabelSelector>()
            .Prepend(policy.PodSelector);
}
