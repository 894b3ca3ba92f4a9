namespace Podfence.Analysis;

/// <summary>
/// The documentation of a rule, in Markdown that reads as plain text too: for docs/guide/lint.md and <c>lint
/// --explain</c>.
/// </summary>
public static class LintPage
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(LintRule rule) =>
        [
            $"### {rule.Id} {rule.Name}",
            "",
            $"*{rule.Severity.ToString().ToLowerInvariant()}.* {rule.Summary}",
            "",
            Paragraph(rule.Why),
            "",
            $"**Fix:** {rule.Fix}.",
        ];

    /// <summary>Text of several source lines as one line.</summary>
    public static string Paragraph(string text) =>
        string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
