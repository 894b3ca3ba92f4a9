using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// Decides whether a flow is allowed, and why: a direct transcription of semantics.md; the comments name its rules.
/// Everything that is faster is checked against it. It reads the live state on every call and keeps nothing, so call it
/// on the state's thread.
/// </summary>
public sealed class Evaluator
{
    private readonly ClusterState _state;
    private readonly EvaluatorOptions _options;
    private readonly IPolicyTier[] _tiers;

    /// <summary>Creates an evaluator of a cluster.</summary>
    /// <param name="state">The cluster. Later changes take effect.</param>
    /// <param name="options">What the API leaves undefined; null for the defaults.</param>
    public Evaluator(ClusterState state, EvaluatorOptions? options = null)
    {
        _state = state;
        _options = options ?? new EvaluatorOptions();
        _tiers = [new NetworkPolicyTier(state)];
    }

    /// <summary>The verdict with its reasons.</summary>
    public Verdict Evaluate(in Flow flow)
    {
        var source = Resolve(flow.Source);
        var destination = Resolve(flow.Destination);
        return new Verdict(
            flow,
            Explain(Direction.Egress, flow.Source, source, destination, flow, destination.Pod),
            Explain(Direction.Ingress, flow.Destination, destination, source, flow, destination.Pod)
        );
    }

    /// <summary>The verdict alone, by the same steps but without reasons.</summary>
    public bool IsAllowed(in Flow flow)
    {
        var source = Resolve(flow.Source);
        var destination = Resolve(flow.Destination);
        return Judge(Direction.Egress, source, destination, flow, destination.Pod, null).IsAllowing()
            && Judge(Direction.Ingress, destination, source, flow, destination.Pod, null).IsAllowing();
    }

    /// <summary>
    /// The owner of the address. The owner in the state takes precedence over the name in the flow (S8.9): a pod that
    /// has ended, or has lost its address to another pod, does not count (S8.6, S8.8). A host-network pod is its node
    /// (S8.4). A node may use addresses that its status does not list.
    /// </summary>
    private ResolvedEndpoint Resolve(FlowEndpoint end)
    {
        if (_state.OwnerOf(end.Address) is { } owner)
        {
            return new ResolvedEndpoint(end.Address, owner, null);
        }

        var node = end.Node ?? HostNetworkPod(end)?.NodeName ?? FlowEndpoint.NodeAt(_state, end.Address)?.Name;
        return new ResolvedEndpoint(end.Address, null, node);
    }

    private Pod? HostNetworkPod(FlowEndpoint end) =>
        end.Pod is { } key && _state.FindPod(key) is { HostNetwork: true } pod ? pod : null;

    private SideVerdict Explain(
        Direction direction,
        FlowEndpoint asked,
        ResolvedEndpoint self,
        ResolvedEndpoint peer,
        in Flow flow,
        Pod? destination
    )
    {
        var findings = new Findings();
        var reason = Judge(direction, self, peer, flow, destination, findings);
        if (reason == SideReason.NotAPod && HostNetworkPod(asked) is not null)
        {
            reason = SideReason.HostNetwork;
        }

        return new SideVerdict(
            direction,
            reason.IsAllowing(),
            reason,
            self.Pod?.Key,
            findings.Isolating.OrderBy(static policy => policy.Key).ToEquatableArray(),
            findings
                .Rules.OrderBy(static rule => rule.Policy.Key)
                .ThenBy(static rule => rule.RuleIndex)
                .ToEquatableArray()
        );
    }

    /// <summary>
    /// Judges one side: first what no policy can deny, then the tiers, then the default, which is to accept.
    /// </summary>
    private SideReason Judge(
        Direction direction,
        in ResolvedEndpoint self,
        in ResolvedEndpoint peer,
        in Flow flow,
        Pod? destination,
        Findings? findings
    )
    {
        // S1.2: only the side of a pod is evaluated.
        if (self.Pod is not { } subject)
        {
            return SideReason.NotAPod;
        }

        // S8.5: a pod cannot block access to itself.
        if (peer.Pod?.Key == subject.Key)
        {
            return SideReason.Self;
        }

        // S8.1, S8.2: the node always reaches its own pods; the other direction is a setting.
        var ownNode = peer.Node is not null && string.Equals(peer.Node, subject.NodeName, StringComparison.Ordinal);
        if (ownNode && (direction == Direction.Ingress || _options.PodToNode == PodToNode.Allow))
        {
            return SideReason.OwnNode;
        }

        var side = new Side(direction, subject, peer, destination, flow.Protocol, flow.Port);
        foreach (var tier in _tiers)
        {
            switch (tier.Judge(side, findings))
            {
                case TierVerdict.Accept:
                    return SideReason.RuleMatched;
                case TierVerdict.Deny:
                    return SideReason.NoRuleMatched;
            }
        }

        return SideReason.NotIsolated;
    }
}

/// <summary>What follows from a reason.</summary>
public static class SideReasons
{
    /// <summary>Whether a side with this reason allows the flow: all do except one.</summary>
    public static bool IsAllowing(this SideReason reason) => reason != SideReason.NoRuleMatched;
}
