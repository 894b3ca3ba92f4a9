using Podfence.Evaluation;
using Podfence.Manifests;

namespace Podfence.Analysis;

/// <summary>What became of one line of an expectation file.</summary>
/// <param name="Expectation">The line.</param>
/// <param name="Flows">How many flows it is about.</param>
/// <param name="Surprises">Those that are not as expected, explained, alike ones together; empty where the line holds.</param>
public sealed record TestResult(Expectation Expectation, int Flows, IReadOnlyList<FlowExplanation> Surprises)
{
    /// <summary>Whether every flow has the expected verdict.</summary>
    public bool Holds => Surprises.Count == 0;
}

/// <summary>What became of expectations.</summary>
/// <param name="Results">A result for each line that is about something, in order.</param>
/// <param name="Faults">Lines that are about nothing there is: errors.</param>
public sealed record TestReport(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Faults)
{
    /// <summary>Whether every line holds.</summary>
    public bool Holds => Faults.Count == 0 && Results.All(static result => result.Holds);
}

/// <summary>Holds expectations against the policies of a cluster.</summary>
public static class PolicyTests
{
    /// <summary>Judges every flow that the expectations are about.</summary>
    public static TestReport Run(Cluster cluster, IReadOnlyList<Expectation> expectations, CancellationToken cancellationToken)
    {
        var (flows, faults) = expectations.Expand(cluster.State);
        var results = new List<TestResult>();
        // Equal lines are different lines: they stand in different places.
        foreach (var line in flows.GroupBy(static flow => flow.Expectation, ReferenceEqualityComparer.Instance))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var expectation = (Expectation)line.Key!;
            var isWanted = expectation.Verdict == ExpectedVerdict.Allow;
            var surprises = line.Where(flow => FlowExplainer.IsAllowed(cluster, flow) != isWanted).ToList();
            results.Add(new(expectation, line.Count(), FlowExplainer.Explain(cluster, surprises)));
        }

        return new(results, faults);
    }
}
