using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A rule that other rules cover.</summary>
internal sealed class ShadowedRule() : LintRule("PF017", "shadowed-rule", LintSeverity.Warning)
{
    public override string Summary => "Other rules already allow everything that a rule allows, for the same pods.";

    public override string Why =>
        """
            Policies only add: a rule inside another changes nothing, and removing or narrowing it does not close anything.
            The rule compares selectors, blocks and ports as they are written, without looking at pods, so the finding holds
            in every cluster. All rules that it reports can be removed at once. A rule that is covered by another policy is
            an info, because policies are added and removed independently.
            """;

    public override string Fix => "remove it, or narrow the wider rule";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        All(context)
            .Where(static shadow => shadow.Twin is null)
            .Select(shadow =>
                At(
                    context,
                    shadow.Rule.Policy,
                    shadow.Rule.Field,
                    $"everything that the rule allows is already allowed for these pods by {Others(shadow)}",
                    severity: IsOwn(shadow) ? null : LintSeverity.Info
                )
            );

    /// <summary>Every rule that could be left out.</summary>
    internal static IEnumerable<Shadow> All(LintContext context) =>
        from @namespace in context.Policies.Select(static policy => policy.Key.Namespace).Distinct()
        from direction in new[] { Direction.Ingress, Direction.Egress }
        from shadow in Shadows.Find(context, @namespace, direction)
        select shadow;

    /// <summary>Whether the other rule is of the same policy.</summary>
    internal static bool IsOwn(Shadow shadow) => shadow.Covers.Policy.Key == shadow.Rule.Policy.Key;

    /// <summary>The other rule's name.</summary>
    internal static string NameOf(Shadow shadow) =>
        IsOwn(shadow) ? shadow.Covers.Field : $"{shadow.Covers.Field} of policy {shadow.Covers.Policy.Key.Name}";

    private static string Others(Shadow shadow) =>
        shadow.IsCoveredByOne ? NameOf(shadow) : $"{NameOf(shadow)} and others";
}
