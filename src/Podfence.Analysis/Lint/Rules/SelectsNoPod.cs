using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A policy that fences nobody.</summary>
internal sealed class SelectsNoPod() : LintRule("PF003", "selects-no-pod", LintSeverity.Warning)
{
    public override string Summary => "The policy selects no pod of its namespace.";

    public override string Why => """
        A policy whose podSelector fits nobody fences nobody, and the pods that it was written for stay open. Mostly a label is misspelt, is the workload's and not its template's, or the policy is in another
        namespace than its pods. Needs to know pods of the namespace; pods that have ended count, because their like come again.
        """;

    public override string Fix => "compare spec.podSelector with the labels of the pods (those of the workload's template), and metadata.namespace with theirs";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var policy in context.Policies.Where(policy => context.KnowsPodsOf(policy.Key.Namespace) && !SelectorLogic.IsContradiction(policy.PodSelector)))
        {
            if (context.Subjects(policy).Any())
            {
                continue;
            }

            var hosted = context.HostPodsIn(policy.Key.Namespace).FirstOrDefault(pod => policy.PodSelector.Matches(pod.Labels));
            var elsewhere = context.State.Pods.Where(pod => !pod.HostNetwork && policy.PodSelector.Matches(pod.Labels)).Select(static pod => pod.Key.Namespace).Order(StringComparer.Ordinal).FirstOrDefault();
            var message = $"{policy.PodSelector} fits no pod of the input in namespace {policy.Key.Namespace}";
            yield return hosted is not null
                ? At(context, policy, "spec.podSelector", $"{message} but {hosted.Key}, which is on the host network, where policies fence nobody", "take the pod off the host network, or guard it by a firewall of its node")
                : At(context, policy, "spec.podSelector", elsewhere is null ? message : $"{message}, but pods of namespace {elsewhere}", elsewhere is null ? Near(context, policy) : $"is metadata.namespace meant to be {elsewhere}? A policy fences pods of its own namespace only");
        }
    }

    private static string? Near(LintContext context, NetworkPolicy policy) => SelectorGuess.Near(policy.PodSelector, context.PodsIn(policy.Key.Namespace).Select(static pod => pod.Labels));
}
