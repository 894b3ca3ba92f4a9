using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>networking.k8s.io/v1 NetworkPolicy: semantics.md S1 to S6, in that order.</summary>
/// <param name="state">The cluster.</param>
internal sealed class NetworkPolicyTier(ClusterState state) : IPolicyTier
{
    /// <summary>
    /// S1.4, S1.5: if no policy of the pod's namespace selects it for the direction, the pod is not isolated. Otherwise
    /// the flow is allowed if at least one rule of at least one of those policies matches. There is no order among
    /// policies.
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

        return allowed ? TierVerdict.Accept
            : isolated ? TierVerdict.Deny
            : TierVerdict.Next;
    }

    /// <summary>
    /// S1.7: a rule matches if a peer and a port match. S2.3: an absent list of rules is an empty list.
    /// </summary>
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

    /// <summary>
    /// S2.5: an empty list matches any peer: pods, nodes and external addresses. S4.4: one matching item suffices.
    /// </summary>
    private ItemMatch MatchPeers(NetworkPolicy policy, EquatableArray<PolicyPeer> peers, in ResolvedEndpoint end)
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

    private bool MatchesPeer(NetworkPolicy policy, PolicyPeer peer, in ResolvedEndpoint end) =>
        peer switch
        {
            // S6.1, S6.2: blocks match addresses, whatever their owner; except applies to its own block only.
            IpBlockPeer block => block.Contains(end.Address),

            // S4.3: both selectors of one item must match. S8.4: host-network pods are their node, which no selector
            // matches.
            SelectorPeer selectors => end.Pod is { } pod
                && MatchesNamespace(policy, selectors.Namespaces, pod)
                && (selectors.Pods is null || selectors.Pods.Matches(pod.Labels)),

            _ => false,
        };

    /// <summary>
    /// S4.1, S4.9: without a namespaceSelector, the policy's own namespace.
    /// A namespace that is not known yet has no labels: no namespaceSelector matches it, not even the empty one.
    /// </summary>
    private bool MatchesNamespace(NetworkPolicy policy, LabelSelector? selector, Pod pod) =>
        selector is null
            ? string.Equals(pod.Key.Namespace, policy.Key.Namespace, StringComparison.Ordinal)
            : state.Namespaces.TryGetValue(pod.Key.Namespace, out var found) && selector.Matches(found.Labels);

    /// <summary>
    /// S2.6, S5.10: an empty list matches all ports of all protocols, also protocols without ports. S5.2: one matching
    /// item suffices.
    /// </summary>
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

    /// <summary>
    /// S5.2 to S5.4: the protocol must be equal; then all its ports, the range from <c>port</c> to <c>endPort</c>
    /// inclusive, or the numbers that the destination gives to the name.
    /// </summary>
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
    /// S5.4 to S5.6: the destination pod resolves a name, and protocol and name must both be equal; several containers
    /// may give the name several numbers. Nodes and external addresses have no named ports.
    /// </summary>
    private static bool Resolves(PolicyPort port, Pod? destination, int number)
    {
        if (destination is null)
        {
            return false;
        }

        foreach (var declared in destination.Ports)
        {
            if (
                declared.Number == number
                && declared.Protocol == port.Protocol
                && string.Equals(declared.Name, port.Name, StringComparison.Ordinal)
            )
            {
                return true;
            }
        }

        return false;
    }
}
