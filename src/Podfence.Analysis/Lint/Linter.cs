using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What to run and report.</summary>
public sealed record LintOptions
{
    /// <summary>The rules to run.</summary>
    /// <value>All.</value>
    public IReadOnlyList<LintRule> Rules { get; init; } = LintRules.All;

    /// <summary>The lowest severity that is reported.</summary>
    /// <value>Info.</value>
    public LintSeverity MinSeverity { get; init; } = LintSeverity.Info;

    /// <summary>The only namespace to report, or null for all. The whole cluster is evaluated in any case.</summary>
    public string? Namespace { get; init; }
}

/// <summary>What was found.</summary>
/// <param name="Findings">In the order of files and lines.</param>
/// <param name="Silenced">How many more annotations silenced.</param>
/// <param name="Policies">How many policies were checked.</param>
public sealed record LintReport(IReadOnlyList<LintFinding> Findings, int Silenced, int Policies);

/// <summary>Runs rules.</summary>
public static class Linter
{
    /// <summary>Runs the rules on a cluster.</summary>
    public static LintReport Run(Cluster cluster, LintOptions options, CancellationToken cancellationToken)
    {
        var context = new LintContext(cluster);
        var all = new List<LintFinding>();
        foreach (var rule in options.Rules)
        {
            cancellationToken.ThrowIfCancellationRequested();
            all.AddRange(
                rule.Check(context)
                    .Where(finding =>
                        finding.Severity >= options.MinSeverity
                        && (options.Namespace is null || NamespaceOf(finding) == options.Namespace)
                    )
            );
        }

        var findings = all.Where(finding => !LintIgnore.Silences(cluster.Input, finding))
            .OrderBy(static finding => finding.Location.File, StringComparer.Ordinal)
            .ThenBy(static finding => finding.Location.Line)
            .ThenBy(static finding => finding.Subject.ToString(), StringComparer.Ordinal)
            .ThenBy(static finding => finding.Rule.Id, StringComparer.Ordinal)
            .ThenBy(static finding => finding.Field, StringComparer.Ordinal)
            .ToList();
        return new(
            findings,
            all.Count - findings.Count,
            context.Policies.Count(policy => options.Namespace is null || policy.Key.Namespace == options.Namespace)
        );
    }

    private static string NamespaceOf(LintFinding finding) => finding.Subject.Namespace ?? finding.Subject.Name;
}
