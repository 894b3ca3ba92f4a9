using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Pods that may connect to pods, but not to nodes or the API server.</summary>
internal sealed class NodesOutOfReach() : LintRule("PF021", "nodes-out-of-reach", LintSeverity.Info)
{
    public override string Summary =>
        "Pods that are isolated for egress may connect to pods only: nodes and the API server are out of reach.";

    public override string Why =>
        """
            Selectors match pods. Nodes, programs on the host network, and the API server (which has a node's address even
            where the pod connects to the Service `kubernetes`) are matched by ipBlock only. This is often forgotten for
            operators, for monitoring that scrapes kubelets, and for webhooks. An info, because many pods need neither. Pods
            that may connect only to a DNS server are skipped.
            """;

    public override string Fix =>
        "if these pods need the API server or nodes: {to: [{ipBlock: {cidr: ADDRESS_OF_THE_NODE/32}}], ports: "
        + "[{port: 6443}]}; kubectl get endpoints kubernetes shows the addresses";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (
            var policy in context.Policies.Where(static policy =>
                policy.IsolatesEgress && policy.Egress.Any(static rule => !IsForNames(rule))
            )
        )
        {
            var rules = context
                .IsolatingIn(policy.Key.Namespace, Direction.Egress)
                .Where(other => !SelectorLogic.AreDisjointSubjects(policy.PodSelector, other.PodSelector))
                .SelectMany(static other => other.Egress);
            if (
                !rules.Any(rule =>
                    rule.Peers.IsEmpty || rule.Peers.OfType<IpBlockPeer>().Any(block => MayBeNode(context, block))
                )
            )
            {
                yield return At(
                    context,
                    policy,
                    "spec.egress",
                    "the selected pods may connect to pods only: no rule matches the address of a node or of the "
                        + "API server"
                );
            }
        }
    }

    private static bool IsForNames(PolicyRule rule) =>
        !rule.Ports.IsEmpty
        && rule.Ports.All(static port => port.First is 53 or 5353 || port.Name is "dns" or "dns-tcp");

    // Where no node is known, any block may hold them.
    private static bool MayBeNode(LintContext context, IpBlockPeer block)
    {
        var known = context
            .State.Nodes.Values.SelectMany(static node => node.Addresses)
            .Where(address => !context.Cluster.IsPlaceholder(address))
            .ToList();
        return known.Count == 0 || known.Exists(block.Contains);
    }
}
