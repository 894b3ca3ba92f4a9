using Podfence.Analysis;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A problem in a file, found by validation or by lint.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Location">File and line.</param>
/// <param name="Subject">The object, or null if unknown.</param>
/// <param name="Field">The field, or null.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to write instead, or null.</param>
internal sealed record CheckResult(
    LintSeverity Severity,
    DiagnosticKind Kind,
    SourceLocation Location,
    ObjectReference? Subject,
    string? Field,
    string Message,
    string? Fix
)
{
    /// <summary>A finding of lint.</summary>
    public static CheckResult Of(LintFinding finding) =>
        new(
            finding.Severity,
            DiagnosticKind.Of(finding.Rule),
            finding.Location,
            finding.Subject,
            finding.Field,
            finding.Message,
            finding.Fix
        );

    /// <summary>A diagnostic of the reader. Its message already begins with the field.</summary>
    public static CheckResult Of(Diagnostic fault) =>
        new(
            fault.IsError ? LintSeverity.Error : LintSeverity.Warning,
            fault.IsError ? DiagnosticKind.Invalid : DiagnosticKind.Doubtful,
            fault.Location,
            fault.Subject,
            fault.Field,
            fault.Message,
            fault.Remedy
        );

    /// <summary>The object and what is wrong, with the field in front unless the message has it.</summary>
    public string Sentence
    {
        get
        {
            var prefix = Field is null || Message.Contains(Field, StringComparison.Ordinal) ? "" : $"{Field}: ";
            return $"{(Subject is { } subject ? $"{subject}: " : "")}{prefix}{Message}";
        }
    }

    /// <summary>The severity as a word.</summary>
    public string Word => Severity.ToString().ToLowerInvariant();
}

/// <summary>A kind of diagnostic, described for programs that collect them.</summary>
/// <param name="Id">Its number or name, never given to another.</param>
/// <param name="Name">Its name, words joined by hyphens.</param>
/// <param name="Severity">How much it usually matters.</param>
/// <param name="Summary">What it is, in one sentence.</param>
/// <param name="Why">Why that is a mistake.</param>
/// <param name="Fix">What to do.</param>
internal sealed record DiagnosticKind(
    string Id,
    string Name,
    LintSeverity Severity,
    string Summary,
    string Why,
    string Fix
)
{
    /// <summary>The API server would reject it.</summary>
    public static DiagnosticKind Invalid { get; } =
        new(
            "PV001",
            "invalid",
            LintSeverity.Error,
            "The API server would reject the object.",
            "The object violates the schema or the API server's validation, and is never created.",
            "correct the field"
        );

    /// <summary>The API server would accept it, but it is probably not intended.</summary>
    public static DiagnosticKind Doubtful { get; } =
        new(
            "PV002",
            "doubtful",
            LintSeverity.Warning,
            "The API server would accept the object, but it may not do what was intended.",
            "Null is read as something that allows more or selects other pods, or two objects contradict each other.",
            "state what is intended"
        );

    /// <summary>A rule of lint.</summary>
    public static DiagnosticKind Of(LintRule rule) =>
        new(rule.Id, rule.Name, rule.Severity, rule.Summary, LintPage.Paragraph(rule.Why), rule.Fix);
}
