namespace Podfence.Analysis;

/// <summary>A default of policyTypes that is not what the text suggests.</summary>
internal sealed class PolicyTypesLeftOut() : LintRule("PF009", "policy-types-left-out", LintSeverity.Warning)
{
    public override string Summary => "policyTypes is missing, and its default is not what the rules suggest.";

    public override string Why =>
        """
            Without policyTypes a policy always isolates for ingress, and for egress only if it has an egress rule. So a
            policy with egress rules alone denies all ingress, and `egress: []` alone does not restrict egress, but denies
            all ingress. The rule reads the text: objects of an API server, where the field is filled in, are skipped.
            """;

    public override string Fix => "state policyTypes";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var policy in context.Policies.Where(policy => context.States(policy, "spec.policyTypes[0]") == false))
        {
            var statesIngress = context.States(policy, "spec.ingress") == true;
            if (policy.IsolatesEgress && !statesIngress)
            {
                yield return At(
                    context,
                    policy,
                    "spec.egress",
                    "the policy has egress rules only, but without policyTypes it isolates for ingress too: "
                        + "ingress that no other policy allows is denied",
                    "write policyTypes: [Egress]; or [Ingress, Egress] if ingress is to be denied"
                );
            }
            else if (!policy.IsolatesEgress && context.States(policy, "spec.egress") == true)
            {
                yield return At(
                    context,
                    policy,
                    "spec.egress",
                    "an empty egress list isolates nothing without policyTypes: egress is not restricted, and the "
                        + "pods are isolated for ingress",
                    $"write policyTypes: [{(statesIngress ? "Ingress, Egress" : "Egress")}] to deny egress, or "
                        + $"leave egress out"
                );
            }
        }
    }
}
