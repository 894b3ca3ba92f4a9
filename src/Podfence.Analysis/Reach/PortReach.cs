using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Computes all ports that are open from one endpoint to another, where the evaluator decides on one port. It
/// transcribes the same sections of semantics.md
/// and shares no code with the evaluator, against which it is tested. It caches the isolating policies of pods: use it
/// only while the state does not change.
/// </summary>
public sealed class PortReach
{
    private readonly ClusterState _state;
    private readonly Evaluator _evaluator;
    private readonly PeerMatcher _matcher;
    private readonly Dictionary<(string Namespace, LabelSet Labels, Direction Direction), NetworkPolicy[]> _isolating =
    [];

    /// <summary>For a cluster as it is now.</summary>
    public PortReach(Cluster cluster)
    {
        _state = cluster.State;
        _evaluator = cluster.Evaluator;
        _matcher = new(_state);
    }

    /// <summary>What both sides allow.</summary>
    public PortSet Between(in ReachEndpoint source, in ReachEndpoint destination)
    {
        var egress = Side(Direction.Egress, source, destination, destination.Pod);
        return egress.IsEmpty
            ? egress
            : egress.Intersect(Side(Direction.Ingress, destination, source, destination.Pod));
    }

    /// <summary>The policies that isolate a pod for a direction, by name.</summary>
    public IReadOnlyList<NetworkPolicy> Isolating(Pod pod, Direction direction)
    {
        var key = (pod.Key.Namespace, pod.Labels, direction);
        if (!_isolating.TryGetValue(key, out var policies))
        {
            policies =
            [
                .. _state
                    .PoliciesIn(pod.Key.Namespace)
                    .Where(policy => policy.Isolates(direction) && policy.PodSelector.SelectsSubject(pod.Labels))
                    .OrderBy(static policy => policy.Key),
            ];
            _isolating[key] = policies;
        }

        return policies;
    }

    private PortSet Side(Direction direction, in ReachEndpoint self, in ReachEndpoint peer, Pod? destination)
    {
        if (self.Pod is not { } subject || peer.Pod?.Key == subject.Key)
        {
            return PortSet.All;
        }

        var isOwnNode = peer.Node is not null && string.Equals(peer.Node, subject.NodeName, StringComparison.Ordinal);
        if (isOwnNode && (direction == Direction.Ingress || MayReachOwnNode(self, peer)))
        {
            return PortSet.All;
        }

        var policies = Isolating(subject, direction);
        if (policies.Count == 0)
        {
            return PortSet.All;
        }

        var open = new List<PortSet>();
        foreach (var policy in policies)
        {
            foreach (var rule in policy.RulesFor(direction))
            {
                if (MatchesAny(policy, rule.Peers, peer))
                {
                    open.Add(RulePorts.Of(rule, destination));
                }
            }
        }

        return PortSet.Union(open);
    }

    // A setting of the evaluator, independent of policies: any flow shows it.
    private bool MayReachOwnNode(in ReachEndpoint pod, in ReachEndpoint node)
    {
        var flow = Flow.OfOtherProtocol(
            FlowEndpoint.Of(pod.Pod!, pod.Address),
            FlowEndpoint.OfNode(node.Node!, node.Address)
        );
        return _evaluator.Evaluate(flow).Egress.Reason == SideReason.OwnNode;
    }

    private bool MatchesAny(NetworkPolicy policy, EquatableArray<PolicyPeer> peers, in ReachEndpoint end)
    {
        if (peers.IsEmpty)
        {
            return true;
        }

        foreach (var peer in peers)
        {
            if (_matcher.Matches(policy, peer, end))
            {
                return true;
            }
        }

        return false;
    }
}
