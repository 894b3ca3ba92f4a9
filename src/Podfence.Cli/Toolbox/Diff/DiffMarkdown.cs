using System.Globalization;
using System.Text;
using Podfence.Analysis;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>
/// Writes a comparison as a comment on a pull request: what opens is visible, the rest folded, within the size limit of
/// such comments.
/// </summary>
internal static class DiffMarkdown
{
    // GitHub and GitLab accept 65,536 characters and more; this leaves room for text around it.
    private const int MaxLength = 60_000;
    private const int MaxPolicies = 20;

    public static void Write(DiffReport report, TextWriter output)
    {
        var text = new StringBuilder();
        text.Append("### Network policies: ").Append(Escape(report.Sum)).Append("\n\n");
        text.Append(Escape(report.Names.Before)).Append(" → ").Append(Escape(report.Names.After)).Append("\n\n");
        foreach (var note in report.Notes)
        {
            text.Append("> ").Append(Escape(note)).Append(".\n\n");
        }

        WritePolicies(report.Diff.Policies, text);
        WriteTable(report.Diff, DiffKind.Opened, "opened", isOpen: true, text);
        WriteTable(report.Diff, DiffKind.Changed, "changed: some ports open, others close", isOpen: false, text);
        WriteTable(report.Diff, DiffKind.Closed, "closed", isOpen: false, text);
        output.Write(text.ToString().TrimEnd('\n'));
        output.WriteLine();
    }

    private static void WritePolicies(IReadOnlyList<PolicyEdit> edits, StringBuilder text)
    {
        foreach (var kind in edits.GroupBy(static edit => edit.Kind).OrderBy(static kind => kind.Key))
        {
            var policies = ListText.Join(kind.Select(static edit => Escape(edit.Policy.ToString())), MaxPolicies);
            text.Append(CultureInfo.InvariantCulture, $"- {kind.Key.ToString().ToLowerInvariant()}: {policies}\n");
        }

        text.Append(edits.Count > 0 ? "\n" : "");
    }

    private static void WriteTable(PolicyDiff diff, DiffKind kind, string title, bool isOpen, StringBuilder text)
    {
        var lines = diff.Lines.Where(line => line.Kind == kind).ToList();
        if (lines.Count == 0)
        {
            return;
        }

        var hasBoth = kind == DiffKind.Changed;
        text.Append(
            CultureInfo.InvariantCulture,
            $"<details{(isOpen ? " open" : "")}><summary>{lines.Count:N0} {title}</summary>\n\n"
        );
        text.Append(
            hasBoth
                ? "| from | to | opens | closes |\n| --- | --- | --- | --- |\n"
                : "| from | to | ports |\n| --- | --- | --- |\n"
        );
        var written = 0;
        foreach (var line in lines)
        {
            var ports = hasBoth
                ? $"{Escape(DiffReport.Ports(line.Opened))} | {Escape(DiffReport.Ports(line.Closed))}"
                : Escape(DiffReport.Ports(kind == DiffKind.Opened ? line.Opened : line.Closed));
            var row = $"| {Escape(line.From.Name)} | {Escape(line.To.Name)} | {ports} |\n";
            if (text.Length + row.Length > MaxLength)
            {
                break;
            }

            text.Append(row);
            written++;
        }

        text.Append(
                written < lines.Count
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"\nand {lines.Count - written:N0} more (see `podfence diff` without `-o markdown`)\n"
                    )
                    : ""
            )
            .Append("\n</details>\n\n");
    }

    private static string Escape(string text) => MatrixMarkdown.Escape(text);
}
