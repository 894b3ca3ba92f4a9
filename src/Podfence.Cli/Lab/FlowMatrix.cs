using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Measured flows as a table: a row per source, a column per destination and port.</summary>
internal static class FlowMatrix
{
    private const string Open = "yes";
    private const string Closed = "-";

    /// <summary>Writes the table, then every mismatch in full.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(IReadOnlyList<CheckedFlow> flows, Terminal terminal)
    {
        WriteTable(flows, terminal);
        terminal.Output.WriteLine();
        var mismatches = flows.Where(static flow => !flow.Agrees).ToList();
        if (mismatches.Count > 0)
        {
            terminal.Output.WriteLine("! packets that contradict the policies:");
            FlowReport.Write(mismatches, OutputFormat.Text, terminal);
            terminal.Output.WriteLine();
        }

        terminal.Output.WriteLine(FlowReport.Summary(flows));
        return mismatches.Count == 0 ? ExitCodes.Success : ExitCodes.Differs;
    }

    public static void WriteTable(IReadOnlyList<CheckedFlow> flows, Terminal terminal)
    {
        var columns = flows
            .OrderBy(static flow => flow.Wanted.Flow.To.ToString(), StringComparer.Ordinal)
            .ThenBy(static flow => flow.Wanted.Flow.Port)
            .Select(Column)
            .Distinct()
            .ToList();
        var table = new TextTable([
            ("FROM \\ TO", Align.Left),
            .. columns.Select(static column => (column, Align.Left)),
        ]);
        foreach (var row in flows.GroupBy(static flow => flow.Wanted.Flow.From.ToString()))
        {
            var cells = row.ToLookup(Column);
            table.AddRow([new Cell(row.Key), .. columns.Select(column => Describe([.. cells[column]]))]);
        }

        table.Write(terminal);
    }

    private static string Column(CheckedFlow checkedFlow)
    {
        var flow = checkedFlow.Wanted.Flow;
        var protocol = flow.Protocol == Protocol.Tcp ? "" : $"/{flow.Protocol.ToString().ToUpperInvariant()}";
        return $"{flow.To}:{flow.Port}{protocol}";
    }

    private static Cell Describe(List<CheckedFlow> flows)
    {
        if (flows.Count == 0)
        {
            return new Cell("");
        }

        var words = flows
            .Select(static flow =>
                flow.Result.IsAllowed ? Open
                : flow.Result.IsDenied ? Closed
                : "?"
            )
            .Distinct()
            .ToList();
        // Both families are shown if they differ.
        var text =
            words.Count == 1
                ? words[0]
                : string.Join(
                    ' ',
                    flows.Select(static flow => $"{flow.Wanted.Flow.Family}:{(flow.Result.IsAllowed ? Open : Closed)}")
                );
        return flows.TrueForAll(static flow => flow.Agrees)
            ? new Cell(text, words is [Open] ? Tone.Good : Tone.Dim)
            : new Cell($"{text} !", Tone.Bad);
    }
}
