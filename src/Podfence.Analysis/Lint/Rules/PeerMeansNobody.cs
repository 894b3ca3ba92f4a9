using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A peer whose selectors fit no pod.</summary>
internal sealed class PeerMeansNobody() : LintRule("PF004", "peer-means-nobody", LintSeverity.Warning)
{
    public override string Summary => "A peer's podSelector fits no pod where it looks.";

    public override string Why => """
        A podSelector without a namespaceSelector means pods of the policy's own namespace, which is forgotten more than anything else; with one, pods of those namespaces. An item that fits nobody admits nobody.
        Needs to know pods of the namespaces that the item means. Of kube-system, files are not taken to say everything.
        """;

    public override string Fix => "compare the labels with those of the pods; to mean pods of another namespace, add its namespaceSelector to the same item";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (var (peer, field) in rule.Peers<SelectorPeer>())
            {
                if (peer.Pods is not { } pods || !IsNobody(context, rule.Policy, peer) || IsSaidByOthers(context, rule, peer))
                {
                    continue;
                }

                var where = peer.Namespaces is null ? $"namespace {rule.Policy.Key.Namespace}" : peer.Namespaces.Requirements.IsEmpty ? "any namespace" : $"namespaces with {peer.Namespaces}";
                var elsewhere = context.State.Pods.Where(pod => !pod.HostNetwork && pods.Matches(pod.Labels)).OrderBy(static pod => pod.Key).FirstOrDefault();
                var near = SelectorGuess.Near(pods, context.NamespacesOf(rule.Policy, peer).SelectMany(context.PodsIn).Select(static pod => pod.Labels));
                yield return elsewhere is null
                    ? At(context, rule.Policy, field, $"{pods} fits no pod of the input in {where}", near)
                    : At(context, rule.Policy, field, $"{pods} fits no pod of the input in {where}, but {elsewhere.Key}", $"if that pod is meant, select its namespace in the same item: namespaceSelector: {{matchLabels: {{{Namespace.NameLabel}: {elsewhere.Key.Namespace}}}}}");
            }
        }
    }

    /// <summary>Whether the pods are known among which the peer looks, and none fits.</summary>
    internal static bool IsNobody(LintContext context, NetworkPolicy policy, SelectorPeer peer) =>
        context.Meant(policy, peer).Count == 0 && context.NamespacesOf(policy, peer).ToList() is { Count: > 0 } namespaces && namespaces.TrueForAll(context.KnowsPodsOf);

    private static bool IsSaidByOthers(LintContext context, RuleAt rule, SelectorPeer peer)
    {
        var place = rule.Rule.Peers.ToList().IndexOf(peer);
        var neighbours = new[] { place - 1, place + 1 }.Where(at => at >= 0 && at < rule.Rule.Peers.Count).Select(at => rule.Rule.Peers[at]);
        return peer.Pods!.Unreadable || SelectorLogic.IsContradiction(peer.Pods) || OneItemOrTwo.Suspect(context, rule.Policy, peer) is not null || HostNetworkPeer.Suspect(context, rule.Policy, peer) is not null
            || neighbours.Any(neighbour => TwoItemsOrOne.Pair(neighbour, peer) is { } pair && context.Meant(rule.Policy, pair.Namespaces).Any(pod => pair.Pods.Pods!.Matches(pod.Labels)));
    }
}
