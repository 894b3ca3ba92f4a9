using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>Writes diagnostics for people.</summary>
internal static class DiagnosticText
{
    public static void Write(Diagnostics found, Terminal terminal)
    {
        foreach (var item in found.Items)
        {
            terminal.Output.WriteLine(
                $"{item.Location}: {Paint(item, terminal)}: {item.Sentence} [{item.Kind.Id} {item.Kind.Name}]"
            );
            if (item.Fix is not null)
            {
                terminal.Output.WriteLine($"    fix: {item.Fix}");
            }
        }

        terminal.Output.WriteLine(Sum(found));
    }

    /// <summary><c>3 policies: 1 error, 2 warnings; 1 more is silenced</c>.</summary>
    public static string Sum(Diagnostics found)
    {
        string[] counts =
        [
            .. new[]
            {
                (LintSeverity.Error, "error", "errors"),
                (LintSeverity.Warning, "warning", "warnings"),
                (LintSeverity.Info, "info", "infos"),
            }
                .Select(item =>
                    (
                        Count: found.Items.Count(finding => finding.Severity == item.Item1),
                        One: item.Item2,
                        Many: item.Item3
                    )
                )
                .Where(static item => item.Count > 0)
                .Select(static item => Counted(item.Count, item.One, item.Many)),
        ];
        var silenced =
            found.Silenced == 0 ? "" : $"; {found.Silenced} more {(found.Silenced == 1 ? "is" : "are")} silenced";
        return $"{found.Scope}: {(counts.Length == 0 ? "nothing found" : string.Join(", ", counts))}{silenced}";
    }

    /// <summary>A number and its noun.</summary>
    public static string Counted(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private static string Paint(CheckResult item, Terminal terminal) =>
        !terminal.Colour
            ? item.Word
            : Ansi.Paint(
                item.Word,
                item.Severity switch
                {
                    LintSeverity.Error => Tone.Bad,
                    LintSeverity.Warning => Tone.Warn,
                    _ => Tone.Dim,
                }
            );
}
