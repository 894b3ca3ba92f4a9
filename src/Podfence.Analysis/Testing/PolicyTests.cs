using Podfence.Evaluation;
using Podfence.Manifests;

namespace Podfence.Analysis;

/// <summary>The result of one line of an expectation file.</summary>
/// <param name="Expectation">The line.</param>
/// <param name="Flows">How many flows it matches.</param>
/// <param name="Mismatches">The flows with another verdict, explained, equal ones together; empty where the line
/// holds.</param>
public sealed record TestResult(Expectation Expectation, int Flows, IReadOnlyList<FlowExplanation> Mismatches)
{
    /// <summary>Whether every flow has the expected verdict.</summary>
    public bool Holds => Mismatches.Count == 0;
}

/// <summary>The results of a test run.</summary>
/// <param name="Results">A result for each line that matches a flow, in order.</param>
/// <param name="Diagnostics">Lines that match no flow: errors.</param>
public sealed record TestReport(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether every line holds.</summary>
    public bool Holds => Diagnostics.Count == 0 && Results.All(static result => result.Holds);
}

/// <summary>Runs expectations against the policies of a cluster.</summary>
public static class PolicyTests
{
    /// <summary>Evaluates every flow of the expectations.</summary>
    public static TestReport Run(
        Cluster cluster,
        IReadOnlyList<Expectation> expectations,
        CancellationToken cancellationToken
    )
    {
        var (flows, faults) = expectations.Expand(cluster.State);
        var results = new List<TestResult>();
        // Equal lines are different lines: they are at different places.
        foreach (var line in flows.GroupBy(static flow => flow.Expectation, ReferenceEqualityComparer.Instance))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var expectation = (Expectation)line.Key!;
            var isExpected = expectation.Verdict == ExpectedVerdict.Allow;
            var mismatches = line.Where(flow => FlowExplainer.IsAllowed(cluster, flow) != isExpected).ToList();
            results.Add(new(expectation, line.Count(), FlowExplainer.Explain(cluster, mismatches)));
        }

        return new(results, faults);
    }
}
