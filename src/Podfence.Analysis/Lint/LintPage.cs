namespace Podfence.Analysis;

/// <summary>The page of a rule, in Markdown that reads as plain text too: what docs/guide/lint.md has of it, and what the command line explains.</summary>
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
    public static string Paragraph(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
