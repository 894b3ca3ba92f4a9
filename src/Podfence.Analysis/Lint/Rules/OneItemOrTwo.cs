using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One item with both selectors where two were probably intended.</summary>
internal sealed class OneItemOrTwo() : LintRule("PF002", "one-item-or-two", LintSeverity.Warning)
{
    public override string Summary =>
        "A namespaceSelector and a podSelector are in one item, which matches no pod; two items were probably "
        + "intended.";

    public override string Why =>
        """
            Two selectors in one item must both match: the item matches pods with those labels in those namespaces, and
            nothing else. The rule reports an item that matches no pod of the input although there are pods in those
            namespaces, and pods with those labels in the policy's own namespace: each selector alone matches pods, both
            together match none.
            """;

    public override string Fix => "put a dash before the second selector, so that each is an item of its own";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from rule in context.Rules
        from item in rule.Peers<SelectorPeer>()
        let own = Suspect(context, rule.Policy, item.Peer)
        where own is not null
        select At(
            context,
            rule.Policy,
            item.Field,
            $"no pod with {item.Peer.Pods} is in a namespace with {item.Peer.Namespaces}, but {own.Key} of the "
                + $"policy's own namespace has these labels: both selectors of an item must match"
        );

    /// <summary>
    /// A pod of the policy's own namespace that the podSelector would match alone, where the item matches no pod.
    /// </summary>
    internal static Pod? Suspect(LintContext context, NetworkPolicy policy, SelectorPeer peer)
    {
        if (
            peer is not { Namespaces.Requirements.IsEmpty: false, Pods.Requirements.IsEmpty: false }
            || context.MatchedPods(policy, peer).Count > 0
        )
        {
            return null;
        }

        var knowsSome = context.NamespacesOf(policy, peer).Any(context.KnowsPodsOf);
        return knowsSome
            ? context.PodsIn(policy.Key.Namespace).FirstOrDefault(pod => peer.Pods.Matches(pod.Labels))
            : null;
    }
}
