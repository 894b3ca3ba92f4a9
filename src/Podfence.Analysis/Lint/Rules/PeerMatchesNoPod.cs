using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A peer whose selectors match no pod.</summary>
internal sealed class PeerMatchesNoPod() : LintRule("PF004", "peer-matches-no-pod", LintSeverity.Warning)
{
    public override string Summary => "A peer's podSelector matches no pod of the namespaces that it applies to.";

    public override string Why =>
        """
            A podSelector without a namespaceSelector only matches pods in the policy's own namespace: the most common
            mistake. With one, it matches pods of the selected namespaces. A peer that matches no pod allows nothing. Needs
            pods of these namespaces in the input; files are not assumed to hold all pods of kube-system.
            """;

    public override string Fix =>
        "compare the labels with those of the pods; to match pods of another namespace, add its namespaceSelector "
        + "to the same item";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (var (peer, field) in rule.Peers<SelectorPeer>())
            {
                if (
                    peer.Pods is not { } pods
                    || !MatchesNoPod(context, rule.Policy, peer)
                    || IsReportedByOtherRules(context, rule, peer)
                )
                {
                    continue;
                }

                var where =
                    peer.Namespaces is null ? $"namespace {rule.Policy.Key.Namespace}"
                    : peer.Namespaces.Requirements.IsEmpty ? "any namespace"
                    : $"namespaces with {peer.Namespaces}";
                var elsewhere = context
                    .State.Pods.Where(pod => !pod.HostNetwork && pods.Matches(pod.Labels))
                    .OrderBy(static pod => pod.Key)
                    .FirstOrDefault();
                var near = SelectorGuess.Near(
                    pods,
                    context.NamespacesOf(rule.Policy, peer).SelectMany(context.PodsIn).Select(static pod => pod.Labels)
                );
                yield return elsewhere is null
                    ? At(context, rule.Policy, field, $"{pods} matches no pod of the input in {where}", near)
                    : At(
                        context,
                        rule.Policy,
                        field,
                        $"{pods} matches no pod of the input in {where}, but it matches {elsewhere.Key}",
                        $"if that pod is intended, select its namespace in the same item: namespaceSelector: "
                            + $"{{matchLabels: {{{Namespace.NameLabel}: {elsewhere.Key.Namespace}}}}}"
                    );
            }
        }
    }

    /// <summary>
    /// Whether the pods of the namespaces that the peer applies to are known, and none of them matches.
    /// </summary>
    internal static bool MatchesNoPod(LintContext context, NetworkPolicy policy, SelectorPeer peer) =>
        context.MatchedPods(policy, peer).Count == 0
        && context.NamespacesOf(policy, peer).ToList() is { Count: > 0 } namespaces
        && namespaces.TrueForAll(context.KnowsPodsOf);

    private static bool IsReportedByOtherRules(LintContext context, RuleAt rule, SelectorPeer peer)
    {
        var place = rule.Rule.Peers.ToList().IndexOf(peer);
        var neighbours = new[] { place - 1, place + 1 }
            .Where(at => at >= 0 && at < rule.Rule.Peers.Count)
            .Select(at => rule.Rule.Peers[at]);
        return peer.Pods!.Unreadable
            || SelectorLogic.IsContradiction(peer.Pods)
            || OneItemOrTwo.Suspect(context, rule.Policy, peer) is not null
            || HostNetworkPeer.Suspect(context, rule.Policy, peer) is not null
            || neighbours.Any(neighbour =>
                TwoItemsOrOne.Pair(neighbour, peer) is { } pair
                && context.MatchedPods(rule.Policy, pair.Namespaces).Any(pod => pair.Pods.Pods!.Matches(pod.Labels))
            );
    }
}
