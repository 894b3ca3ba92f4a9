using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Reads <c>podfence.io/lint-ignore</c>: numbers or names of rules, or <c>all</c>, separated by commas. An annotation
/// and not a comment, because annotations survive
/// kustomize, Helm and the API server, so that a rule is silenced in files and in the cluster alike.
/// </summary>
internal static class LintIgnore
{
    private const string All = "all";

    /// <summary>Whether an annotation of the finding's policy or namespace silences it.</summary>
    public static bool Silences(ClusterInput input, LintFinding finding)
    {
        var subject = finding.Subject;
        var @namespace = new ObjectReference(nameof(Namespace), null, subject.Namespace ?? subject.Name);
        return new[] { subject, @namespace }
            .Distinct()
            .SelectMany(item => Names(input.LintIgnores.GetValueOrDefault(item)))
            .Any(name => Matches(name, finding.Rule));
    }

    /// <summary>The words of an annotation that name no rule.</summary>
    public static IEnumerable<string> Unknown(string? annotation) =>
        Names(annotation).Where(static name => name != All && !LintRules.All.Any(rule => Matches(name, rule)));

    /// <summary>Whether a word names a rule.</summary>
    public static bool Matches(string name, LintRule rule) =>
        name == All
        || string.Equals(name, rule.Id, StringComparison.OrdinalIgnoreCase)
        || string.Equals(name, rule.Name, StringComparison.OrdinalIgnoreCase);

    private static string[] Names(string? annotation) =>
        annotation?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
