using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>networking.k8s.io/v1 NetworkPolicy: semantics.md sections 1.1 to 1.6, in that order.</summary>
/// <param name="state">The cluster.</param>
internal sealed class NetworkPolicyTier(ClusterState state) : IPolicyTier
{
    /// <summary>
    /// 1.1: where no policy of the pod's namespace selects it for the direction, the pod is not isolated.
    /// Otherwise the flow is allowed if at least one rule of at least one of those policies matches. There is no order among policies.
    /// </summary>
    public TierVerdict Judge(in Side side, Findings? findings)
    {
        var isolated = false;
        var allowed = false;
        foreach (var policy in state.PoliciesIn(side.Subject.Key.Namespace))
        {
            if (!policy.Isolates(side.Direction) || !policy.PodSelector.SelectsSubject(side.Subject.Labels))
            {
                continue;
            }

            isolated = true;
            findings?.Isolating.Add(policy);
            allowed |= AnyRule(policy, side, findings);
            if (allowed && findings is null)
            {
                break;
            }
        }

        return allowed ? TierVerdict.Accept : isolated ? TierVerdict.Deny : TierVerdict.Next;
    }

    /// <summary>1.1: a rule matches where a peer AND a port match. 1.2: an absent list of rules is no rule.</summary>
    private bool AnyRule(NetworkPolicy policy, in Side side, Findings? findings)
    {
        var any = false;
        var rules = policy.RulesFor(side.Direction);
        for (var i = 0; i < rules.Count; i++)
        {
            var peer = MatchPeers(policy, rules[i].Peers, side.Peer);
            if (findings is null && !peer.Found)
            {
                continue;
            }

            var port = MatchPorts(rules[i].Ports, side);
            findings?.Rules.Add(new RuleResult(policy, side.Direction, i, peer, port));
            any |= peer.Found && port.Found;
            if (any && findings is null)
            {
                return true;
            }
        }

        return any;
    }

    /// <summary>1.2: no peers means everyone: pods, nodes and addresses outside. 1.4: items are alternatives.</summary>
    private ItemMatch MatchPeers(NetworkPolicy policy, EquatableArray<PolicyPeer> peers, in End end)
    {
        if (peers.IsEmpty)
        {
            return ItemMatch.Unrestricted;
        }

        for (var i = 0; i < peers.Count; i++)
        {
            if (MatchesPeer(policy, peers[i], end))
            {
                return ItemMatch.At(i);
            }
        }

        return ItemMatch.None;
    }

    private bool MatchesPeer(NetworkPolicy policy, PolicyPeer peer, in End end) => peer switch
    {
        // 1.6: blocks mean addresses, whoever has them; except cuts holes into its own block only.
        IpBlockPeer block => block.Contains(end.Address),

        // 1.4: both selectors of one item must hold. 1.8: host-network pods are their node, which no selector means.
        SelectorPeer selectors => end.Pod is { } pod
            && MatchesNamespace(policy, selectors.Namespaces, pod)
            && (selectors.Pods is null || selectors.Pods.Matches(pod.Labels)),

        _ => false,
    };

    /// <summary>
    /// 1.4: without a namespaceSelector, the policy's own namespace.
    /// A namespace that has not been seen yet has no labels to read: no namespaceSelector means it, not even the empty one.
    /// </summary>
    private bool MatchesNamespace(NetworkPolicy policy, LabelSelector? selector, Pod pod) => selector is null
        ? string.Equals(pod.Key.Namespace, policy.Key.Namespace, StringComparison.Ordinal)
        : state.Namespaces.TryGetValue(pod.Key.Namespace, out var found) && selector.Matches(found.Labels);

    /// <summary>1.2: no ports means all ports of all protocols, those without ports included. Items are alternatives.</summary>
    private static ItemMatch MatchPorts(EquatableArray<PolicyPort> ports, in Side side)
    {
        if (ports.IsEmpty)
        {
            return ItemMatch.Unrestricted;
        }

        for (var i = 0; i < ports.Count; i++)
        {
            if (MatchesPort(ports[i], side))
            {
                return ItemMatch.At(i);
            }
        }

        return ItemMatch.None;
    }

    /// <summary>1.5: the protocol must be the item's; then all its ports, an inclusive range, or what the name means at the destination.</summary>
    private static bool MatchesPort(PolicyPort port, in Side side)
    {
        if (port.Protocol != side.Protocol)
        {
            return false;
        }

        if (port.Name is not null)
        {
            return Resolves(port, side.Destination, side.Port);
        }

        return port.First is not { } first || (side.Port >= first && side.Port <= (port.Last ?? first));
    }

    /// <summary>
    /// 1.5: a name is read on the destination pod, and protocol and name must both agree; several containers may give the name several numbers.
    /// Nodes and addresses outside have no named ports.
    /// </summary>
    private static bool Resolves(PolicyPort port, Pod? destination, int number)
    {
        if (destination is null)
        {
            return false;
        }

        foreach (var declared in destination.Ports)
        {
            if (declared.Number == number && declared.Protocol == port.Protocol && string.Equals(declared.Name, port.Name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
