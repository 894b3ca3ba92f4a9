using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Two items of a list where one with both selectors was probably intended.</summary>
internal sealed class TwoItemsOrOne() : LintRule("PF001", "two-items-or-one", LintSeverity.Warning)
{
    public override string Summary =>
        "A namespaceSelector and a podSelector are two items of a list where one item with both was probably intended.";

    public override string Why =>
        """
            Items of `from` and `to` are alternatives: each of them is enough. Two selectors in one item must both match.
            The second dash opens the first item to every pod of those namespaces, and makes the second item match pods of
            the policy's own namespace. The rule reports two such items if the podSelector matches no pod there but pods of
            the selected namespaces, or if namespaceSelector is `{}`, beside which a podSelector has no effect. Where the
            input has no pods of the policy's namespace, two such neighbours are an info.
            """;

    public override string Fix =>
        "remove the dash before the second selector, so that both are in one item; if both are intended "
        + "separately, put each into a rule of its own";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            for (var i = 0; i + 1 < rule.Rule.Peers.Count; i++)
            {
                if (
                    Pair(rule.Rule.Peers[i], rule.Rule.Peers[i + 1]) is { } pair
                    && Judge(context, rule.Policy, pair.Namespaces, pair.Pods) is { } found
                )
                {
                    yield return At(
                        context,
                        rule.Policy,
                        rule.PeerField(i + 1),
                        found.Message,
                        severity: found.Severity
                    );
                }
            }
        }
    }

    /// <summary>
    /// The items, where one has a namespaceSelector alone and the other a podSelector alone that is not empty.
    /// </summary>
    internal static (SelectorPeer Namespaces, SelectorPeer Pods)? Pair(PolicyPeer first, PolicyPeer second) =>
        (first, second) switch
        {
            (
                SelectorPeer { Namespaces: not null, Pods: null } a,
                SelectorPeer { Namespaces: null, Pods.Requirements.IsEmpty: false } b
            ) => (a, b),
            (
                SelectorPeer { Namespaces: null, Pods.Requirements.IsEmpty: false } b,
                SelectorPeer { Namespaces: not null, Pods: null } a
            ) => (a, b),
            _ => null,
        };

    private static (LintSeverity Severity, string Message)? Judge(
        LintContext context,
        NetworkPolicy policy,
        SelectorPeer namespaces,
        SelectorPeer pods
    )
    {
        const string Alternatives = "these two items are alternatives";
        if (namespaces.Namespaces!.Requirements.IsEmpty)
        {
            return namespaces.Namespaces.Unreadable
                ? null
                : (
                    LintSeverity.Warning,
                    $"{Alternatives}: namespaceSelector {{}} matches every pod of every namespace, so podSelector "
                        + $"{pods.Pods} has no effect"
                );
        }

        if (!context.KnowsPodsOf(policy.Key.Namespace))
        {
            return (
                LintSeverity.Info,
                $"{Alternatives}: every pod of namespaces with {namespaces.Namespaces}, and pods with {pods.Pods} "
                    + $"of namespace {policy.Key.Namespace}"
            );
        }

        var other = context.MatchedPods(policy, namespaces).FirstOrDefault(pod => pods.Pods!.Matches(pod.Labels));
        return context.MatchedPods(policy, pods).Count > 0 || other is null
            ? null
            : (
                LintSeverity.Warning,
                $"{Alternatives}: namespaceSelector matches every pod of namespaces with {namespaces.Namespaces}, "
                    + $"whatever its labels, and podSelector {pods.Pods} matches no pod of namespace "
                    + $"{policy.Key.Namespace}, only {other.Key}"
            );
    }
}
