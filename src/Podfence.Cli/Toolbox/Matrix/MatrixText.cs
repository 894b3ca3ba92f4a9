using Podfence.Analysis;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>A matrix for people: a table where it fits the screen, else a list of what each group reaches.</summary>
internal static class MatrixText
{
    // Wider tables are not readable, even in a file.
    private const int MaxWidth = 200;
    private const int MaxColumns = 40;
    private const int ShownNames = 12;
    private const string Corner = "FROM \\ TO";

    public static void Write(MatrixReport report, Terminal terminal)
    {
        if (report.Groups.Count > MaxColumns || !TryWriteTable(report, terminal))
        {
            WriteList(report, terminal);
        }
    }

    /// <summary>A table with names over its columns; where that is too wide, with the numbers of the rows.</summary>
    private static bool TryWriteTable(MatrixReport report, Terminal terminal)
    {
        var rows = Enumerable.Range(0, report.Groups.Count).Select(report.Row).ToList();
        var names = report.Groups.Select(static group => group.Name).ToList();
        var numbered = names.Select(static (name, i) => $"{i + 1, 2} {name}").ToList();
        var isNamed = Width(rows, names, names) <= Math.Min(MaxWidth, terminal.Width);
        var numbers = Enumerable.Range(1, names.Count).Select(static number => $"{number}").ToList();
        if (!isNamed && Width(rows, numbered, numbers) > Math.Min(MaxWidth, terminal.Width))
        {
            return false;
        }

        var table = new TextTable([
            (isNamed ? Corner : $"   {Corner}", Align.Left),
            .. (isNamed ? names : numbers).Select(static title => (title, Align.Left)),
        ]);
        var sum = new Sum();
        for (var from = 0; from < rows.Count; from++)
        {
            table.AddRow([
                new Cell((isNamed ? names : numbered)[from]),
                .. rows[from].Select(static cell => new Cell(CellText.Short(cell), CellText.ToneOf(cell))),
            ]);
            sum.Add(rows[from]);
        }

        table.Write(terminal);
        terminal.Output.WriteLine();
        WriteEnd(report, sum, terminal);
        return true;
    }

    private static int Width(List<IReadOnlyList<MatrixCell>> rows, List<string> rowNames, List<string> titles) =>
        rowNames.Append(Corner).Max(TextWidth.Of)
        + titles
            .Select(
                (title, to) =>
                    2 + rows.Select(row => TextWidth.Of(CellText.Short(row[to]))).Append(TextWidth.Of(title)).Max()
            )
            .Sum();

    private static void WriteList(MatrixReport report, Terminal terminal)
    {
        var sum = new Sum();
        foreach (var entry in MatrixDigest.Of(report, sum.Add))
        {
            terminal.Output.WriteLine(Names(entry.From));
            foreach (var line in entry.Lines)
            {
                terminal.Output.WriteLine(
                    $"  {(terminal.Colour ? Ansi.Paint(line.Ports, CellText.ToneOf(line.Cell)) : line.Ports)}: "
                        + $"{Names(line.To)}"
                );
            }
        }

        terminal.Output.WriteLine();
        WriteEnd(report, sum, terminal);
    }

    private static string Names(IReadOnlyList<string> names) => ListText.Join(names, ShownNames);

    private static void WriteEnd(MatrixReport report, Sum sum, Terminal terminal)
    {
        terminal.Output.WriteLine(
            $"{sum.Pairs} pairs of {report.GroupWord}, nodes and external addresses: {sum.Open} open, {sum.Ports} "
                + $"on some ports, {sum.Closed} "
                + $"closed{(sum.Mixed > 0 ? $", {sum.Mixed} that differ between endpoints or families ({CellText.SomeMark}: between some)" : "")}"
        );
        foreach (var note in report.Notes)
        {
            terminal.Output.WriteLine($"Note: {note}");
        }
    }

    /// <summary>Numbers of pairs by state.</summary>
    private sealed class Sum
    {
        private readonly int[] _counts = new int[Enum.GetValues<CellState>().Length];

        public int Open => _counts[(int)CellState.Open];

        public int Ports => _counts[(int)CellState.Ports];

        public int Closed => _counts[(int)CellState.Closed];

        public int Mixed => _counts[(int)CellState.Mixed];

        public int Pairs => Open + Ports + Closed + Mixed;

        public void Add(IReadOnlyList<MatrixCell> row)
        {
            foreach (var cell in row)
            {
                _counts[(int)CellText.Of(cell)]++;
            }
        }
    }
}
