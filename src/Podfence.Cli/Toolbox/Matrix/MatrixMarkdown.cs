using System.Buffers;
using System.Text;

namespace Podfence.Cli;

/// <summary>A matrix for a pull request: a table, or with too many columns a list of what each group reaches.</summary>
internal static class MatrixMarkdown
{
    private const int MaxColumns = 16;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("\\`*_[]<>&|#~!");

    public static void Write(MatrixReport report, TextWriter output)
    {
        if (report.Groups.Count <= MaxColumns)
        {
            WriteTable(report, output);
        }
        else
        {
            WriteList(report, output);
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine();
            output.WriteLine($"> {Escape(note)}");
        }
    }

    private static void WriteTable(MatrixReport report, TextWriter output)
    {
        output.WriteLine(
            $"| from \\ to | {string.Join(" | ", report.Groups.Select(static group => Escape(group.Name)))} |"
        );
        output.WriteLine($"| --- |{string.Concat(report.Groups.Select(static _ => " --- |"))}");
        for (var from = 0; from < report.Groups.Count; from++)
        {
            output.WriteLine(
                $"| **{Escape(report.Groups[from].Name)}** | "
                    + $"{string.Join(" | ", report.Row(from).Select(static cell => Escape(CellText.Short(cell))))} |"
            );
        }
    }

    private static void WriteList(MatrixReport report, TextWriter output)
    {
        output.WriteLine("| from | ports | to |");
        output.WriteLine("| --- | --- | --- |");
        foreach (var entry in MatrixDigest.Of(report))
        {
            foreach (var line in entry.Lines)
            {
                output.WriteLine($"| {Names(entry.From)} | {Escape(line.Ports)} | {Names(line.To)} |");
            }
        }
    }

    private static string Names(IReadOnlyList<string> names) => string.Join(", ", names.Select(Escape));

    /// <summary>Text that Markdown leaves as it is, also in a table.</summary>
    internal static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(s_marks))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                _ when s_marks.Contains(letter) => escaped.Append('\\').Append(letter),
                _ => escaped.Append(letter),
            };
        }

        return escaped.ToString();
    }
}
