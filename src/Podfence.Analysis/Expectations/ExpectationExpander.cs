using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One end of an expected flow.</summary>
/// <param name="Name">Its display name: namespace/pod, node:name or the address.</param>
/// <param name="Address">The end's address in the family of the flow.</param>
/// <param name="Pod">The pod, or null.</param>
/// <param name="Node">The node, or null.</param>
public sealed record ExpectedEnd(string Name, IpAddress Address, Pod? Pod, Node? Node);

/// <summary>One flow of an expectation.</summary>
/// <param name="Expectation">The line of the file.</param>
/// <param name="From">The source.</param>
/// <param name="To">The destination.</param>
public sealed record ExpectedFlow(Expectation Expectation, ExpectedEnd From, ExpectedEnd To);

/// <summary>The flows of expectations in a cluster.</summary>
/// <param name="Flows">Each pair of ends in each family that both have, in the order of the file and then of
/// names.</param>
/// <param name="Diagnostics">Expectations that match nothing.</param>
public sealed record ExpectedFlows(IReadOnlyList<ExpectedFlow> Flows, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Finds the flows of expectations.</summary>
public static class ExpectationExpander
{
    private static readonly IpFamily[] s_families = [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>
    /// Pairs the patterns with what the cluster holds. Globs skip pods without an address, and never pair a pod with
    /// itself.
    /// A pattern without a match, and an expectation without a flow, are errors: they would hold for any policies.
    /// </summary>
    public static ExpectedFlows Expand(this IEnumerable<Expectation> expectations, ClusterState state)
    {
        var flows = new List<ExpectedFlow>();
        var faults = new List<Diagnostic>();
        var pods = state.Pods.OrderBy(static pod => pod.Key).ToList();
        foreach (var expectation in expectations)
        {
            Expand(expectation, state, pods, flows, faults);
        }

        return new(flows, faults);
    }

    private static void Expand(
        Expectation expectation,
        ClusterState state,
        List<Pod> pods,
        List<ExpectedFlow> flows,
        List<Diagnostic> faults
    )
    {
        var before = flows.Count;
        var sources = Find(expectation.From, state, pods);
        var destinations = Find(expectation.To, state, pods);
        if (sources.Count == 0 || destinations.Count == 0)
        {
            Report("from", expectation.From, sources.Count);
            Report("to", expectation.To, destinations.Count);
            return;
        }

        var isGlob = MatchesMany(expectation.From) || MatchesMany(expectation.To);
        foreach (var source in sources)
        {
            foreach (var destination in destinations)
            {
                if (isGlob && source.Pod is not null && source.Pod.Key == destination.Pod?.Key)
                {
                    continue;
                }

                flows.AddRange(Pair(expectation, source, destination));
            }
        }

        if (flows.Count == before)
        {
            var message = $"no flow from {expectation.From} to {expectation.To}";
            faults.Add(
                new(DiagnosticSeverity.Error, expectation.Location, null, null, message, ReasonForNone(expectation))
            );
        }

        void Report(string field, EndPattern pattern, int found)
        {
            if (found == 0)
            {
                var message = $"{field}: nothing in the cluster matches {pattern}";
                faults.Add(
                    new(
                        DiagnosticSeverity.Error,
                        expectation.Location,
                        null,
                        field,
                        message,
                        Guess(pattern, state, pods)
                    )
                );
            }
        }
    }

    private static IEnumerable<ExpectedFlow> Pair(Expectation expectation, Candidate source, Candidate destination)
    {
        foreach (var family in s_families)
        {
            if (
                (expectation.Family ?? family) == family
                && source.AddressOf(family) is { } from
                && destination.AddressOf(family) is { } to
            )
            {
                yield return new(
                    expectation,
                    new(source.Name, from, source.Pod, source.Node),
                    new(destination.Name, to, destination.Pod, destination.Node)
                );
            }
        }
    }

    private static List<Candidate> Find(EndPattern pattern, ClusterState state, List<Pod> pods)
    {
        switch (pattern)
        {
            case NodePattern { Name: var name }:
                return state.Nodes.TryGetValue(name, out var node) ? [new(pattern.ToString()!, null, node, null)] : [];
            case AddressPattern { Address: var address }:
                // The address of a pod stands for that pod.
                return [new(pattern.ToString()!, state.OwnerOf(address), null, address)];
            case PodPattern { IsGlob: false } single:
                return state.FindPod(new(single.Namespace, single.Name)) is { } pod ? [CandidateOf(pod, state)] : [];
            case PodPattern glob:
                return Matching(pod => glob.Matches(pod.Key));
            case WorkloadPattern workload:
                return Matching(workload.Matches);
            default:
                return [];
        }

        List<Candidate> Matching(Func<Pod, bool> matches) =>
            [
                .. pods.Where(pod => !pod.Finished && matches(pod))
                    .Select(pod => CandidateOf(pod, state))
                    .Where(static found => found.HasAddress),
            ];
    }

    private static bool MatchesMany(EndPattern pattern) => pattern is PodPattern { IsGlob: true } or WorkloadPattern;

    private static Candidate CandidateOf(Pod pod, ClusterState state) =>
        new(
            pod.Key.ToString(),
            pod,
            pod.HostNetwork && pod.NodeName is not null ? state.Nodes.GetValueOrDefault(pod.NodeName) : null,
            null
        );

    private static string? Guess(EndPattern pattern, ClusterState state, List<Pod> pods)
    {
        // A pod named like its workload: all pods of the workload are intended.
        if (
            pattern is PodPattern named
            && pods.Find(pod => pod.Workload?.Name == named.Name && pod.Key.Namespace == named.Namespace)?.Workload
                is { } workload
        )
        {
            return $"did you mean the workload {named.Namespace}/{workload}?";
        }

        var guess =
            pattern is NodePattern node
                ? DidYouMean.Closest(node.Name, [.. state.Nodes.Keys.Order(StringComparer.Ordinal)])
            : pattern is WorkloadPattern
                ? DidYouMean.Closest(
                    pattern.ToString()!,
                    [
                        .. pods.Where(static pod => pod.Workload is not null)
                            .Select(static pod => $"{pod.Key.Namespace}/{pod.Workload}")
                            .Distinct(),
                    ]
                )
            : DidYouMean.Closest(pattern.ToString()!, [.. pods.Select(static pod => pod.Key.ToString())]);
        return guess is null
            ? null
            : $"did you mean {(pattern is NodePattern ? EndPatternText.NodePrefix : "")}{guess}?";
    }

    private static string ReasonForNone(Expectation expectation) =>
        expectation.From == expectation.To && MatchesMany(expectation.From)
            ? "a glob or workload never pairs a pod with itself; name the pod to test that"
        : expectation.Family is { } family ? $"an endpoint has no {(family == IpFamily.IPv4 ? "IPv4" : "IPv6")} address"
        : "the endpoints have no family in common, or one of them has no address";

    /// <summary>
    /// Something that a pattern matches. A host-network pod has its node's addresses if it states none.
    /// </summary>
    private sealed record Candidate(string Name, Pod? Pod, Node? Node, IpAddress? Address)
    {
        public bool HasAddress => AddressOf(IpFamily.IPv4) is not null || AddressOf(IpFamily.IPv6) is not null;

        public IpAddress? AddressOf(IpFamily family) =>
            Address is { } own
                ? (own.Family == family ? own : null)
                : Pod?.AddressOf(family) ?? Node?.AddressOf(family);
    }
}
