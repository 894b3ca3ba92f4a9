using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Reads <c>podfence.io/lint-ignore</c>: numbers or names of rules, or <c>all</c>, separated by commas. An annotation and no comment, because annotations come through
/// kustomize, Helm and the API server, so that one word silences a rule in the files and in the cluster.
/// </summary>
internal static class LintIgnore
{
    private const string All = "all";

    /// <summary>Whether a finding is to be silent: its policy says so, or the namespace of it does.</summary>
    public static bool Silences(ClusterState state, LintFinding finding)
    {
        var subject = finding.Subject;
        var @namespace = state.Namespaces.GetValueOrDefault(subject.Namespace ?? subject.Name)?.LintIgnore;
        var own = subject.Namespace is { } space ? state.FindPolicy(new(space, subject.Name))?.LintIgnore : null;
        return Names(@namespace).Concat(Names(own)).Any(name => Means(name, finding.Rule));
    }

    /// <summary>The words of an annotation that name no rule.</summary>
    public static IEnumerable<string> Unknown(string? annotation) => Names(annotation).Where(static name => name != All && !LintRules.All.Any(rule => Means(name, rule)));

    /// <summary>Whether a word names a rule.</summary>
    public static bool Means(string name, LintRule rule) => name == All || string.Equals(name, rule.Id, StringComparison.OrdinalIgnoreCase) || string.Equals(name, rule.Name, StringComparison.OrdinalIgnoreCase);

    private static string[] Names(string? annotation) => annotation?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
