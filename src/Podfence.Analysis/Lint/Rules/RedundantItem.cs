using Podfence.Base;

namespace Podfence.Analysis;

/// <summary>An item of a list that another item covers.</summary>
internal sealed class RedundantItem() : LintRule("PF019", "redundant-item", LintSeverity.Info)
{
    public override string Summary => "An item of from, to or ports is covered by another item of the list.";

    public override string Why =>
        """
            Items of a list are alternatives: one that matches less than another adds nothing. Often the wider one was not
            intended to be so wide: `podSelector: {}` is every pod of the namespace. The rule compares what is written,
            without looking at pods.
            """;

    public override string Fix => "remove it, or narrow the wider item";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (
                var (index, wider) in Covered(rule.Rule.Peers, (narrow, wide) =>
                    RuleLogic.Implies(context, rule.Policy, narrow, wide)
                )
            )
            {
                yield return At(
                    context,
                    rule.Policy,
                    rule.PeerField(index),
                    $"{rule.PeerField(wider)} matches everything that this item matches"
                );
            }

            foreach (
                var (index, wider) in Covered(rule.Rule.Ports, static (narrow, wide) =>
                    RuleLogic.Covers([wide], narrow)
                )
            )
            {
                yield return At(
                    context,
                    rule.Policy,
                    rule.PortField(index),
                    $"{rule.PortField(wider)} includes this port"
                );
            }
        }
    }

    // Of two that cover each other the first stays.
    private static IEnumerable<(int Index, int Wider)> Covered<T>(EquatableArray<T> items, Func<T, T, bool> implies)
    {
        for (var i = 0; i < items.Count; i++)
        {
            for (var j = 0; j < items.Count; j++)
            {
                if (i != j && implies(items[i], items[j]) && (j < i || !implies(items[j], items[i])))
                {
                    yield return (i, j);
                    break;
                }
            }
        }
    }
}
