using Podfence.Manifests;

namespace Podfence.Analysis;

/// <summary>Two rules that allow the same.</summary>
internal sealed class DuplicateRule() : LintRule("PF018", "duplicate-rule", LintSeverity.Warning)
{
    public override string Summary => "Two rules allow the same for the same pods.";

    public override string Why =>
        """
            Of two equal rules, in one policy or in two that select the same pods, one has no effect, and a change to one of
            them is usually intended for both. Rules are equal if each covers the other, however they are written. In two
            policies it is an info.
            """;

    public override string Fix => "remove one of them";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        ShadowedRule
            .All(context)
            .Where(static shadow => shadow.Twin is not null)
            .Select(shadow =>
                At(
                    context,
                    shadow.Rule.Policy,
                    shadow.Rule.Field,
                    $"the rule allows the same as {ShadowedRule.NameOf(shadow)}",
                    severity: ShadowedRule.IsOwn(shadow) ? null : LintSeverity.Info
                )
            );
}
