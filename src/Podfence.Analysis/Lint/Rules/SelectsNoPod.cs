using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A policy that selects no pod.</summary>
internal sealed class SelectsNoPod() : LintRule("PF003", "selects-no-pod", LintSeverity.Warning)
{
    public override string Summary => "The policy selects no pod of its namespace.";

    public override string Why =>
        """
            A policy whose podSelector matches no pod isolates nothing, and the pods that it was written for stay open.
            Usually a label is misspelt, or is on the workload instead of its pod template, or the policy is in another
            namespace than its pods. Needs pods of the namespace in the input; pods that have ended count, because their
            controller makes new ones.
            """;

    public override string Fix =>
        "compare spec.podSelector with the labels of the pods (those of the workload's template), and "
        + "metadata.namespace with theirs";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (
            var policy in context.Policies.Where(policy =>
                context.KnowsPodsOf(policy.Key.Namespace) && !SelectorLogic.IsContradiction(policy.PodSelector)
            )
        )
        {
            if (context.Subjects(policy).Any())
            {
                continue;
            }

            var hosted = context
                .HostPodsIn(policy.Key.Namespace)
                .FirstOrDefault(pod => policy.PodSelector.Matches(pod.Labels));
            var elsewhere = context
                .State.Pods.Where(pod => !pod.HostNetwork && policy.PodSelector.Matches(pod.Labels))
                .Select(static pod => pod.Key.Namespace)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault();
            var message = $"{policy.PodSelector} matches no pod of the input in namespace {policy.Key.Namespace}";
            yield return hosted is not null
                ? At(
                    context,
                    policy,
                    "spec.podSelector",
                    $"{message} except {hosted.Key}, which is on the host network, where policies do not apply",
                    "take the pod off the host network, or protect it with a firewall on its node"
                )
                : At(
                    context,
                    policy,
                    "spec.podSelector",
                    elsewhere is null ? message : $"{message}, but it matches pods of namespace {elsewhere}",
                    elsewhere is null
                        ? Near(context, policy)
                        : $"should metadata.namespace be {elsewhere}? A policy applies to pods of its own "
                            + $"namespace only"
                );
        }
    }

    private static string? Near(LintContext context, NetworkPolicy policy) =>
        SelectorGuess.Near(policy.PodSelector, context.PodsIn(policy.Key.Namespace).Select(static pod => pod.Labels));
}
