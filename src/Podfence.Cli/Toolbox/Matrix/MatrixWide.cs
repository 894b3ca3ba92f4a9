using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>A matrix as a line for each pair and family, written as it is computed.</summary>
internal static class MatrixWide
{
    public static void Write(MatrixReport report, Terminal terminal)
    {
        var output = terminal.Output;
        var width = report.Groups.Max(static group => TextWidth.Of(Name(group))) + 2;
        output.WriteLine(
            $"{Pad("FROM", width)}{Pad("TO", width)}{Pad("FAMILIES", 12)}{Pad("PORTS", 28)}BETWEEN SOME".TrimEnd()
        );
        foreach (var (from, to, cell) in report.Pairs())
        {
            foreach (var flow in cell.Flows)
            {
                var ports = flow.Every.ToString();
                var some = flow.IsUniform ? "" : flow.More.ToString();
                var line =
                    $"{Pad(Name(from), width)}{Pad(Name(to), width)}{Pad(string.Join(',', flow.Families), 12)}{(some.Length > 0 ? Pad(ports, 28) : ports)}{some}";
                output.WriteLine(terminal.Colour ? Ansi.Paint(line, CellText.ToneOf(cell)) : line);
            }
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine($"Note: {note}");
        }
    }

    private static string Name(MatrixGroup group) => group.Pods > 1 ? $"{group.Name} ({group.Pods} pods)" : group.Name;

    private static string Pad(string text, int width) =>
        text + new string(' ', Math.Max(width - TextWidth.Of(text), 1));
}
