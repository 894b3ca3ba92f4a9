using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A namespace that no policy isolates.</summary>
internal sealed class UnfencedNamespace() : LintRule("PF020", "unfenced-namespace", LintSeverity.Info)
{
    public override string Summary => "A namespace has pods, and no policy isolates any of them for ingress.";

    public override string Why =>
        """
            A pod accepts every connection until a policy selects it. A namespace without such a policy is open to all
            others, whatever policies they have. An info, because it may be intended. Needs pods of the namespace, and at
            least one policy, in the input; kube-system and similar namespaces are skipped.
            """;

    public override string Fix =>
        "start with a policy that isolates all pods of the namespace: {podSelector: {}, policyTypes: [Ingress]}; "
        + "then allow what is needed";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        if (context.Policies.Count == 0)
        {
            yield break;
        }

        foreach (
            var @namespace in context
                .State.Namespaces.Values.OrderBy(static item => item.Name, StringComparer.Ordinal)
                .Where(static item => item.Name == "default" || !LintContext.IsOfEveryCluster(item.Name))
        )
        {
            var pods = context.PodsIn(@namespace.Name).Where(static pod => !pod.Finished).ToList();
            var isFenced = context
                .IsolatingIn(@namespace.Name, Direction.Ingress)
                .Any(policy => pods.Exists(pod => policy.PodSelector.SelectsSubject(pod.Labels)));
            if (pods.Count > 0 && !isFenced)
            {
                var who = pods.Count == 1 ? "its pod" : $"any of its {pods.Count} pods";
                yield return new(
                    this,
                    Severity,
                    @namespace.Location,
                    new(nameof(Namespace), null, @namespace.Name),
                    null,
                    $"no policy isolates {who} for ingress: every source may connect",
                    Fix
                );
            }
        }
    }
}
