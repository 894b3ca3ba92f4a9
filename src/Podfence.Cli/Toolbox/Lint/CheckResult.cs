using Podfence.Analysis;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Something wrong in a file, whoever found it.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Location">File and line.</param>
/// <param name="Subject">The object, or null where none could be made out.</param>
/// <param name="Field">The field, or null.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to write instead, or null where the message says it all.</param>
internal sealed record CheckResult(LintSeverity Severity, DiagnosticKind Kind, SourceLocation Location, ObjectReference? Subject, string? Field, string Message, string? Fix)
{
    /// <summary>A finding of lint.</summary>
    public static CheckResult Of(LintFinding finding) =>
        new(finding.Severity, DiagnosticKind.Of(finding.Rule), finding.Location, finding.Subject, finding.Field, finding.Message, finding.Fix);

    /// <summary>A fault of a file. Its message begins with the field already.</summary>
    public static CheckResult Of(Diagnostic fault) => new(
        fault.IsError ? LintSeverity.Error : LintSeverity.Warning,
        fault.IsError ? DiagnosticKind.Invalid : DiagnosticKind.Doubtful,
        fault.Location,
        fault.Subject,
        fault.Field,
        fault.Message,
        fault.Remedy);

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

/// <summary>A kind of diagnostics, as programs that collect them want to know it.</summary>
/// <param name="Id">Its number or name, never given to another.</param>
/// <param name="Name">Its name, words joined by hyphens.</param>
/// <param name="Severity">How much it usually matters.</param>
/// <param name="Summary">What it is, in one sentence.</param>
/// <param name="Why">Why that is a mistake.</param>
/// <param name="Fix">What to do.</param>
internal sealed record DiagnosticKind(string Id, string Name, LintSeverity Severity, string Summary, string Why, string Fix)
{
    /// <summary>The API server would refuse it.</summary>
    public static DiagnosticKind Invalid { get; } = new(
        "PV001", "invalid", LintSeverity.Error, "The API server would refuse the object.", "The object breaks the schema or the API server's rules, and never comes into being.", "correct the field");

    /// <summary>The API server would take it, and it hardly means what was meant.</summary>
    public static DiagnosticKind Doubtful { get; } = new(
        "PV002", "doubtful", LintSeverity.Warning, "The API server would take the object, but it may not mean what was meant.", "Null is read as something that allows more or selects other pods, or two objects contradict each other.", "write what is meant");

    /// <summary>A rule of lint.</summary>
    public static DiagnosticKind Of(LintRule rule) => new(rule.Id, rule.Name, rule.Severity, rule.Summary, LintPage.Paragraph(rule.Why), rule.Fix);
}
