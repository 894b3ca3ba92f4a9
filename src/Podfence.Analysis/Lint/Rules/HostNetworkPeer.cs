using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A selector for pods of the host network.</summary>
internal sealed class HostNetworkPeer() : LintRule("PF022", "host-network-peer", LintSeverity.Warning)
{
    // What kubeadm labels static pods of the control plane with.
    private static readonly string[] s_controlPlane = ["kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"];

    public override string Summary => "A peer selects pods of the host network, which selectors cannot mean.";

    public override string Why => """
        A pod of the host network has its node's address and cannot be told from the node, so that no selector means it. The API server, etcd, kube-proxy, most network plugins and many node exporters are such pods. The rule speaks where all the pods that
        fit are of that kind, or where the labels are those of the control plane.
        """;

    public override string Fix => "mean the addresses of the nodes: {ipBlock: {cidr: ADDRESS/32}}";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from rule in context.Rules
        from item in rule.Peers<SelectorPeer>()
        let who = Suspect(context, rule.Policy, item.Peer)
        where who is not null
        select At(context, rule.Policy, item.Field, $"{item.Peer.Pods} fits {who} only, on the host network: no selector means such pods");

    /// <summary>Who is meant in vain, or null.</summary>
    internal static string? Suspect(LintContext context, NetworkPolicy policy, SelectorPeer peer)
    {
        if (peer.Pods is not { Requirements.IsEmpty: false } pods || context.Meant(policy, peer).Count > 0)
        {
            return null;
        }

        var hosted = context.NamespacesOf(policy, peer).SelectMany(context.HostPodsIn).FirstOrDefault(pod => pods.Matches(pod.Labels));
        return hosted?.Key.ToString()
            ?? SelectorLogic.ValuesOf(pods, "component")?.FirstOrDefault(value => s_controlPlane.Contains(value) && (peer.Namespaces is not null || policy.Key.Namespace == "kube-system"));
    }
}
