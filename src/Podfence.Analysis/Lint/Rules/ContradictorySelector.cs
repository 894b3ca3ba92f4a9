using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A selector that nothing can match.</summary>
internal sealed class ContradictorySelector() : LintRule("PF006", "contradictory-selector", LintSeverity.Error)
{
    public override string Summary => "The requirements of a selector exclude each other.";

    public override string Why =>
        """
            Every line of matchLabels and every item of matchExpressions must hold. Two requirements on the same key without
            a common value match nothing in any cluster: the policy selects no pod, or the peer matches nothing.
            """;

    public override string Fix =>
        "remove one of the requirements; for one of several values write {key: KEY, operator: In, values: [A, B]}";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from policy in context.Policies
        from item in Selectors(policy)
        where item.Selector is not null && SelectorLogic.IsContradiction(item.Selector)
        select At(
            context,
            policy,
            item.Field,
            $"{item.Selector} can match nothing: its requirements exclude each other"
        );

    private static IEnumerable<(LabelSelector? Selector, string Field)> Selectors(NetworkPolicy policy) =>
        RuleAt
            .InForce(policy)
            .SelectMany(static rule => rule.Peers<SelectorPeer>())
            .SelectMany(static item =>
                new[]
                {
                    (item.Peer.Namespaces, $"{item.Field}.namespaceSelector"),
                    (item.Peer.Pods, $"{item.Field}.podSelector"),
                }
            )
            .Prepend((policy.PodSelector, "spec.podSelector"));
}
