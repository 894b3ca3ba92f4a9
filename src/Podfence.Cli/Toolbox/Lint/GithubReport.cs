using Podfence.Analysis;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>
/// Writes diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
/// </summary>
internal static class GithubReport
{
    public static void Write(Diagnostics found, TextWriter output)
    {
        foreach (var item in found.Items)
        {
            output.WriteLine(
                $"::{Command(item)} {Place(item)}title={Property($"{item.Kind.Id} {item.Kind.Name}")}::{Message(item)}"
            );
        }
    }

    private static string Command(CheckResult item) =>
        item.Severity == Analysis.LintSeverity.Info ? "notice" : item.Word;

    private static string Place(CheckResult item) =>
        $"{(item.Location.File is { } file ? $"file={Property(file)}," : "")}{(item.Location.Line > 0 ? $"line={item.Location.Line}," : "")}";

    private static string Message(CheckResult item) =>
        Data(item.Fix is null ? item.Sentence : $"{item.Sentence}\nFix: {item.Fix}");

    // As the toolkit of GitHub escapes them (actions/toolkit, command.ts); then what a log viewer would obey.
    private static string Data(string text) =>
        GoText.EscapeControl(
            text.Replace("%", "%25", StringComparison.Ordinal)
                .Replace("\r", "%0D", StringComparison.Ordinal)
                .Replace("\n", "%0A", StringComparison.Ordinal)
        );

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
