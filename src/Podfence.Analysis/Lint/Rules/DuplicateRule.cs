using Podfence.Manifests;

namespace Podfence.Analysis;

/// <summary>A rule that stands twice.</summary>
internal sealed class DuplicateRule() : LintRule("PF018", "duplicate-rule", LintSeverity.Warning)
{
    public override string Summary => "Two rules allow the same for the same pods.";

    public override string Why => """
        Of two rules that say the same, in one policy or in two that select the same pods, one has no effect, and a change to one of them is mostly meant for both. Rules are the same where each covers the other, however they are written.
        In two policies it is an info.
        """;

    public override string Fix => "remove one of them";

    internal override IEnumerable<LintFinding> Check(LintContext context) => ShadowedRule.All(context).Where(static shadow => shadow.Twin is not null).Select(shadow => At(
        context, shadow.Rule.Policy, shadow.Rule.Field, $"the rule allows what {ShadowedRule.NameOf(shadow)} allows", severity: ShadowedRule.IsOwn(shadow) ? null : LintSeverity.Info));
}
