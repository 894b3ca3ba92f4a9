using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Writes a comparison for people.</summary>
internal static class DiffText
{
    public static void Write(DiffReport report, Terminal terminal)
    {
        var output = terminal.Output;
        output.WriteLine($"{report.Names.Before} -> {report.Names.After}: {report.Sum}");
        foreach (var note in report.Notes)
        {
            output.WriteLine($"Note: {note}.");
        }

        WritePolicies(report.Diff.Policies, terminal);
        if (report.Diff.IsSame)
        {
            return;
        }

        output.WriteLine();
        var table = new TextTable(
            ("", Align.Left),
            ("FROM", Align.Left),
            ("TO", Align.Left),
            ("OPENS", Align.Left),
            ("CLOSES", Align.Left)
        );
        foreach (var line in report.Diff.Lines)
        {
            table.AddRow(
                new Cell(line.Kind.ToString().ToLowerInvariant(), ToneOf(line.Kind)),
                line.From.Name,
                line.To.Name,
                DiffReport.Ports(line.Opened),
                DiffReport.Ports(line.Closed)
            );
        }

        table.Write(terminal);
    }

    private static void WritePolicies(IReadOnlyList<PolicyEdit> edits, Terminal terminal)
    {
        if (edits.Count == 0)
        {
            return;
        }

        terminal.Output.WriteLine();
        var table = new TextTable();
        foreach (var edit in edits)
        {
            table.AddRow(
                edit.Kind.ToString().ToLowerInvariant(),
                $"NetworkPolicy {edit.Policy}",
                new Cell(edit.Location.ToString(), Tone.Dim)
            );
        }

        table.Write(terminal);
    }

    private static Tone ToneOf(DiffKind kind) =>
        kind switch
        {
            DiffKind.Opened => Tone.Bad,
            DiffKind.Changed => Tone.Warn,
            _ => Tone.Good,
        };
}
