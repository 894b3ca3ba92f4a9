using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Rules of a direction that policyTypes does not list.</summary>
internal sealed class RulesNotInForce() : LintRule("PF008", "rules-not-in-force", LintSeverity.Error)
{
    public override string Summary => "The policy has rules for a direction that its policyTypes does not list.";

    public override string Why =>
        """
            policyTypes lists the directions that a policy applies to. The API server keeps rules of another direction
            without a warning, and they have no effect: they neither allow nor isolate.
            """;

    public override string Fix => "add the direction to policyTypes, or remove the rules";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var policy in context.Policies)
        {
            foreach (
                var (direction, rules) in new[]
                {
                    (Direction.Ingress, policy.Ingress),
                    (Direction.Egress, policy.Egress),
                }
            )
            {
                if (!policy.Isolates(direction) && !rules.IsEmpty)
                {
                    var word = direction.ToString().ToLowerInvariant();
                    yield return At(
                        context,
                        policy,
                        $"spec.{word}",
                        $"policyTypes does not list {direction}: "
                            + $"{(rules.Count == 1 ? $"the {word} rule has" : $"the {rules.Count} {word} rules have")} no effect",
                        $"add {direction} to policyTypes, which isolates the pods for {word}, or remove the rules"
                    );
                }
            }
        }
    }
}
