using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>An annotation that names an unknown rule.</summary>
internal sealed class UnknownIgnore() : LintRule("PF023", "unknown-ignore", LintSeverity.Warning)
{
    public override string Summary => $"The annotation {LintAnnotations.Ignore} names a rule that does not exist.";

    public override string Why =>
        """
            A misspelt rule silences nothing, and this goes unnoticed until the finding is reported again. `podfence lint
            --list` shows every rule.
            """;

    public override string Fix => "write numbers or names of rules, separated by commas, or all";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var policies = context.Policies.SelectMany(policy =>
            Describe(context, LintContext.ReferenceTo(policy), policy.Location)
        );
        var namespaces = context.State.Namespaces.Values.SelectMany(item =>
            Describe(context, new(nameof(Namespace), null, item.Name), item.Location)
        );
        return policies.Concat(namespaces);
    }

    private IEnumerable<LintFinding> Describe(LintContext context, ObjectReference subject, SourceLocation location)
    {
        var field = $"metadata.annotations[{LintAnnotations.Ignore}]";
        var at = context.Cluster.Input.ObjectSources.GetValueOrDefault(subject) is { } text
            ? location with
            {
                Line = text.LineOf(field),
            }
            : location;
        foreach (var word in LintIgnore.Unknown(context.Cluster.Input.LintIgnores.GetValueOrDefault(subject)))
        {
            var near = DidYouMean.Closest(
                word,
                [.. LintRules.All.SelectMany(static rule => new[] { rule.Id, rule.Name })]
            );
            yield return new(
                this,
                Severity,
                at,
                subject,
                field,
                $"unknown rule {word}",
                near is null ? Fix : $"did you mean {near}?"
            );
        }
    }
}
