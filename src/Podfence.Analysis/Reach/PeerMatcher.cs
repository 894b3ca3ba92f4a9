using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Decides which endpoints a peer matches (semantics.md 1.3). Analysis has no other matcher; the evaluator has its own,
/// against which this
/// one is tested.
/// </summary>
/// <param name="labelsOf">The labels of a namespace, or null if it is not known.</param>
internal sealed class PeerMatcher(Func<string, LabelSet?> labelsOf)
{
    public PeerMatcher(ClusterState state)
        : this(name => state.Namespaces.GetValueOrDefault(name)?.Labels) { }

    /// <summary>Whether a peer of a policy matches an endpoint.</summary>
    public bool Matches(NetworkPolicy policy, PolicyPeer peer, in ReachEndpoint endpoint) =>
        peer switch
        {
            IpBlockPeer block => block.Contains(endpoint.Address),
            SelectorPeer selectors => endpoint.Pod is { } pod && Matches(policy, selectors, pod),
            _ => false,
        };

    /// <summary>Whether a peer of a policy matches a pod.</summary>
    public bool Matches(NetworkPolicy policy, SelectorPeer peer, Pod pod) =>
        MatchesLabels(peer, pod.Labels) && MatchesNamespace(policy.Key.Namespace, peer, pod.Key.Namespace);

    /// <summary>Whether a peer matches pods with these labels, in the namespaces that it applies to.</summary>
    public static bool MatchesLabels(SelectorPeer peer, LabelSet labels) => peer.Pods?.Matches(labels) ?? true;

    /// <summary>Whether a peer applies to a namespace: without a namespaceSelector to that of its policy.</summary>
    /// <param name="home">The namespace of the policy; may be null for a peer with a namespaceSelector.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="namespace">The namespace in question.</param>
    public bool MatchesNamespace(string? home, SelectorPeer peer, string @namespace) =>
        peer.Namespaces is { } selector
            ? labelsOf(@namespace) is { } labels && selector.Matches(labels)
            : @namespace == home;
}
