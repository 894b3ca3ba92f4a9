
namespace Podfence.Analysis;

/// <summary>What the API server fills in for policyTypes, where it is not what the text looks like.</summary>
internal sealed class PolicyTypesLeftOut() : LintRule("PF009", "policy-types-left-out", LintSeverity.Warning)
{
    public override string Summary => "policyTypes is left out, and what is filled in is not what the rules look like.";

    public override string Why => """
        Without policyTypes a policy is in force for ingress, always, and for egress only where it has an egress rule. So a policy of egress rules alone denies everything that comes in, and `egress: []` alone denies nothing
        that goes out, but everything that comes in. Reads the text, so that objects of an API server, where the field is filled in, are passed over.
        """;

    public override string Fix => "state policyTypes";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var policy in context.Policies.Where(policy => context.States(policy, "spec.policyTypes[0]") == false))
        {
            var statesIngress = context.States(policy, "spec.ingress") == true;
            if (policy.IsolatesEgress && !statesIngress)
            {
                yield return At(context, policy, "spec.egress", "the policy has egress rules only, but without policyTypes it isolates for ingress too: nothing may come in that no other policy allows", "write policyTypes: [Egress]; or [Ingress, Egress], if nothing is to come in");
            }
            else if (!policy.IsolatesEgress && context.States(policy, "spec.egress") == true)
            {
                yield return At(context, policy, "spec.egress", "an empty egress list isolates nobody without policyTypes: everything may go out, and for ingress the pods are isolated", $"write policyTypes: [{(statesIngress ? "Ingress, Egress" : "Egress")}] to deny what goes out, or leave egress out");
            }
        }
    }
}
