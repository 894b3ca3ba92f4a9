using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>Cells of a matrix in few letters.</summary>
internal static class CellText
{
    /// <summary>Nothing is open.</summary>
    public const string Closed = "-";

    /// <summary>Marks what holds between some ends only.</summary>
    public const string SomeMark = "~";

    /// <summary>
    /// <c>all</c>, <c>-</c>, or ports, TCP without its name: <c>80,443,53/UDP</c>; <c>~80</c> where only some ends are
    /// open; <c>IPv4:80 IPv6:-</c> where families differ.
    /// </summary>
    public static string Short(MatrixCell cell) =>
        cell.Flows.Count switch
        {
            0 => "",
            1 => Short(cell.Flows[0]),
            _ => string.Join(' ', cell.Flows.Select(static flow => $"{flow.Families[0]}:{Short(flow)}")),
        };

    /// <summary>The state of a cell.</summary>
    public static CellState Of(MatrixCell cell) =>
        cell.IsNothing ? CellState.Nothing
        : !cell.IsUniform && !cell.Some.IsEmpty ? CellState.Mixed
        : cell.Some.IsEmpty ? CellState.Closed
        : cell.Some.IsAll ? CellState.Open
        : CellState.Ports;

    /// <summary>The tone of a cell on a screen.</summary>
    public static Tone ToneOf(MatrixCell cell) =>
        Of(cell) switch
        {
            CellState.Open or CellState.Ports => Tone.Good,
            CellState.Mixed => Tone.Warn,
            CellState.Closed => Tone.Dim,
            _ => Tone.Plain,
        };

    private static string Short(CellFlow flow) =>
        flow.IsUniform ? Short(flow.Every)
        : flow.Every.IsEmpty ? SomeMark + Short(flow.More)
        : $"{Short(flow.Every)} {SomeMark}{Short(flow.More)}";

    private static string Short(PortSet ports) =>
        ports.IsEmpty
            ? Closed
            : ports
                .ToString()
                .Replace("/TCP", "", StringComparison.Ordinal)
                .Replace(", ", ",", StringComparison.Ordinal);
}

/// <summary>The state of a cell.</summary>
internal enum CellState
{
    /// <summary>No connections.</summary>
    Nothing,

    /// <summary>No port.</summary>
    Closed,

    /// <summary>Some ports, the same between all ends.</summary>
    Ports,

    /// <summary>Ends or families differ.</summary>
    Mixed,

    /// <summary>Every port.</summary>
    Open,
}
