using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Why flows with the same verdict are allowed or denied.</summary>
/// <param name="From">The source, as given.</param>
/// <param name="To">The destination, as given.</param>
/// <param name="Families">The families of the flows.</param>
/// <param name="Flows">How many flows there are: pairs of pods and families.</param>
/// <param name="Verdict">The verdict of the first of them, which stands for all.</param>
/// <param name="SourcePolicies">Every policy that selects the source, for any direction.</param>
/// <param name="DestinationPolicies">Every policy that selects the destination.</param>
/// <param name="Changes">What would allow a denied flow; see <see cref="FixFinder"/>.</param>
/// <param name="Notes">What the verdict depends on and the input does not state.</param>
public sealed record FlowExplanation(
    string From,
    string To,
    IReadOnlyList<IpFamily> Families,
    int Flows,
    Verdict Verdict,
    IReadOnlyList<NetworkPolicy> SourcePolicies,
    IReadOnlyList<NetworkPolicy> DestinationPolicies,
    IReadOnlyList<PolicyChange> Changes,
    IReadOnlyList<string> Notes
);

/// <summary>Explains flows, grouped by verdict.</summary>
public static class FlowExplainer
{
    /// <summary>
    /// Explains flows from one endpoint to another on one port, in the order of the first flow of each verdict.
    /// </summary>
    public static IReadOnlyList<FlowExplanation> Explain(Cluster cluster, IEnumerable<ExpectedFlow> flows)
    {
        var judged = flows
            .Select(flow => (Flow: flow, Verdict: cluster.Evaluator.Evaluate(FlowOf(cluster, flow))))
            .ToList();
        return
        [
            .. judged
                .GroupBy(static item => Signature(item.Verdict), StringComparer.Ordinal)
                .Select(group => Explain(cluster, [.. group])),
        ];
    }

    /// <summary>Whether one flow is allowed.</summary>
    public static bool IsAllowed(Cluster cluster, ExpectedFlow flow) =>
        cluster.Evaluator.IsAllowed(FlowOf(cluster, flow));

    /// <summary>The lines of a verdict without its headline and without placeholder IPs.</summary>
    public static IEnumerable<string> Lines(Cluster cluster, Verdict verdict)
    {
        var placeholders = new[] { verdict.Flow.Source.Address, verdict.Flow.Destination.Address }
            .Where(cluster.IsPlaceholder)
            .Select(static address => $" ({address})")
            .ToList();
        return VerdictText
            .Lines(verdict)
            .Skip(1)
            .Select(line =>
                placeholders.Aggregate(line, static (text, part) => text.Replace(part, "", StringComparison.Ordinal))
            );
    }

    private static FlowExplanation Explain(Cluster cluster, List<(ExpectedFlow Flow, Verdict Verdict)> same)
    {
        var (flow, verdict) = same[0];
        return new(
            flow.From.Name,
            flow.To.Name,
            [.. same.Select(static item => item.Verdict.Flow.Family).Distinct().Order()],
            same.Count,
            verdict,
            Selecting(cluster, verdict.Flow.Source),
            Selecting(cluster, verdict.Flow.Destination),
            FixFinder.Find(cluster, verdict),
            [.. PlaceholderNotes.Of(cluster, verdict)]
        );
    }

    private static Flow FlowOf(Cluster cluster, ExpectedFlow flow) =>
        new(End(cluster, flow.From), End(cluster, flow.To), flow.Expectation.Protocol, flow.Expectation.Port);

    private static FlowEndpoint End(Cluster cluster, ExpectedEnd end) =>
        end.Pod is { } pod ? FlowEndpoint.Of(pod, end.Address)
        : end.Node is { } node ? FlowEndpoint.Of(node, end.Address)
        : FlowEndpoint.Resolve(cluster.State, end.Address);

    private static List<NetworkPolicy> Selecting(Cluster cluster, FlowEndpoint end) =>
        cluster.State.OwnerOf(end.Address) is { } pod
            ?
            [
                .. cluster
                    .State.PoliciesIn(pod.Key.Namespace)
                    .Where(policy => policy.PodSelector.SelectsSubject(pod.Labels))
                    .OrderBy(static policy => policy.Key),
            ]
            : [];

    // Two verdicts with the same signature have the same text except for the names of pods.
    private static string Signature(Verdict verdict) => $"{Signature(verdict.Egress)}|{Signature(verdict.Ingress)}";

    private static string Signature(SideVerdict side) =>
        $"{side.Reason} {string.Join(',', side.Isolating.Select(static policy => policy.Key))} "
        + $"{string.Join(',', side.Rules.Select(static rule => $"{rule.Peer.Found}{rule.Peer.Index}{rule.Port.Found}{rule.Port.Index}"))}";
}
