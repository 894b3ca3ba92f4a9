using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>The defaults that the API server applies before it validates (semantics.md S2 and S3).</summary>
internal static class PolicyDefaults
{
    public const string Ingress = "Ingress";
    public const string Egress = "Egress";
    public const string Protocol = "TCP";

    /// <summary>
    /// Absent protocols become TCP. Absent or empty policyTypes become Ingress, and Egress too if there is an egress
    /// rule: <c>egress: []</c> alone isolates nothing for egress.
    /// </summary>
    public static void Apply(PolicyDraft draft)
    {
        if (draft.PolicyTypes.Count == 0)
        {
            draft.PolicyTypes.Add((Ingress, draft.PolicyTypesField));
            if (draft.Egress.Count > 0)
            {
                draft.PolicyTypes.Add((Egress, draft.PolicyTypesField));
            }
        }

        foreach (var rule in draft.Ingress.Concat(draft.Egress))
        {
            foreach (var port in rule.Ports)
            {
                port.Protocol ??= Protocol;
            }
        }
    }
}
