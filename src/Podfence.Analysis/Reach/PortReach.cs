using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Says which ports are open from one end to another, all at once, where the evaluator says it of one port. It transcribes the same sections of semantics.md
/// and shares no code with the evaluator, which it is tested against. It remembers which policies isolate whom, so that it is to be used while the state stands still.
/// </summary>
public sealed class PortReach
{
    private readonly ClusterState _state;
    private readonly Evaluator _evaluator;
    private readonly Dictionary<(string Namespace, LabelSet Labels, Direction Direction), NetworkPolicy[]> _isolating = [];

    /// <summary>Makes it for a cluster as it is now.</summary>
    public PortReach(Cluster cluster)
    {
        _state = cluster.State;
        _evaluator = cluster.Evaluator;
    }

    /// <summary>What both sides allow.</summary>
    public PortSet Between(in ReachEnd source, in ReachEnd destination)
    {
        var egress = Side(Direction.Egress, source, destination, destination.Pod);
        return egress.IsEmpty ? egress : egress.Intersect(Side(Direction.Ingress, destination, source, destination.Pod));
    }

    /// <summary>The policies that isolate a pod for a direction, by name.</summary>
    public IReadOnlyList<NetworkPolicy> Isolating(Pod pod, Direction direction)
    {
        var key = (pod.Key.Namespace, pod.Labels, direction);
        if (!_isolating.TryGetValue(key, out var policies))
        {
            policies = [.. _state.PoliciesIn(pod.Key.Namespace)
                .Where(policy => policy.Isolates(direction) && policy.PodSelector.SelectsSubject(pod.Labels))
                .OrderBy(static policy => policy.Key)];
            _isolating[key] = policies;
        }

        return policies;
    }

    private PortSet Side(Direction direction, in ReachEnd self, in ReachEnd peer, Pod? destination)
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

    // A setting of the evaluator, which no policy has a say in: any flow tells it.
    private bool MayReachOwnNode(in ReachEnd pod, in ReachEnd node)
    {
        var flow = Flow.OfOtherProtocol(FlowEndpoint.Of(pod.Pod!, pod.Address), FlowEndpoint.OfNode(node.Node!, node.Address));
        return _evaluator.Evaluate(flow).Egress.Reason == SideReason.OwnNode;
    }

    private bool MatchesAny(NetworkPolicy policy, EquatableArray<PolicyPeer> peers, in ReachEnd end)
    {
        if (peers.IsEmpty)
        {
            return true;
        }

        foreach (var peer in peers)
        {
            if (peer is IpBlockPeer block ? block.Contains(end.Address) : end.Pod is { } pod && Selects((SelectorPeer)peer, policy, pod))
            {
                return true;
            }
        }

        return false;
    }

    private bool Selects(SelectorPeer peer, NetworkPolicy policy, Pod pod) =>
        (peer.Pods is null || peer.Pods.Matches(pod.Labels))
        && (peer.Namespaces is null
            ? pod.Key.Namespace == policy.Key.Namespace
            : _state.Namespaces.TryGetValue(pod.Key.Namespace, out var found) && peer.Namespaces.Matches(found.Labels));
}
