using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A selector for host-network pods.</summary>
internal sealed class HostNetworkPeer() : LintRule("PF022", "host-network-peer", LintSeverity.Warning)
{
    // What kubeadm labels static pods of the control plane with.
    private static readonly string[] s_controlPlane =
    [
        "kube-apiserver",
        "etcd",
        "kube-controller-manager",
        "kube-scheduler",
    ];

    public override string Summary => "A peer selects host-network pods, which selectors do not match.";

    public override string Why =>
        """
            A host-network pod has its node's address and is indistinguishable from the node, so no selector matches it. The
            API server, etcd, kube-proxy, most network plugins and many node exporters are such pods. The rule reports a
            peer if all pods with its labels are on the host network, or if the labels are those of the control plane.
            """;

    public override string Fix => "match the addresses of the nodes: {ipBlock: {cidr: ADDRESS/32}}";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from rule in context.Rules
        from item in rule.Peers<SelectorPeer>()
        let who = Suspect(context, rule.Policy, item.Peer)
        where who is not null
        select At(
            context,
            rule.Policy,
            item.Field,
            $"{item.Peer.Pods} matches only {who}, on the host network: selectors do not match such pods"
        );

    /// <summary>The host-network pod that the selector is intended for, or null.</summary>
    internal static string? Suspect(LintContext context, NetworkPolicy policy, SelectorPeer peer)
    {
        if (peer.Pods is not { Requirements.IsEmpty: false } pods || context.MatchedPods(policy, peer).Count > 0)
        {
            return null;
        }

        var hosted = context
            .NamespacesOf(policy, peer)
            .SelectMany(context.HostPodsIn)
            .FirstOrDefault(pod => pods.Matches(pod.Labels));
        return hosted?.Key.ToString()
            ?? SelectorLogic
                .ValuesOf(pods, "component")
                ?.FirstOrDefault(value =>
                    s_controlPlane.Contains(value)
                    && (peer.Namespaces is not null || policy.Key.Namespace == "kube-system")
                );
    }
}
