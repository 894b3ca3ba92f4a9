namespace Podfence.Cli;

/// <summary>The alignment of a column.</summary>
internal enum Align
{
    Left,
    Right,
}

/// <summary>The colour of a cell, by its meaning.</summary>
internal enum Tone
{
    Plain,
    Good,
    Bad,
    Warn,

    /// <summary>Less important.</summary>
    Dim,
}

/// <summary>A text and its tone; a string converts to a plain cell.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// Columns of text, two blanks apart. No line ends in blanks, so that output can be compared and pasted. A table that
/// is too wide for the screen is narrowed by cutting its widest column, never by wrapping lines.
/// </summary>
internal sealed class TextTable
{
    private const int Gap = 2;
    private const string Cut = "…";

    // A column is not cut below this: three letters and the mark still distinguish a few names.
    private const int MinColumnWidth = 4;

    private readonly IReadOnlyList<(string Title, Align Align)> _columns;
    private readonly List<Cell[]> _rows = [];

    /// <summary>Creates a table with a title over every column.</summary>
    public TextTable(params IReadOnlyList<(string Title, Align Align)> columns) => _columns = columns;

    /// <summary>
    /// Adds a row. It may have fewer cells than there are titles; without titles, rows may have any length.
    /// </summary>
    /// <exception cref="ArgumentException">The row has more cells than the table has titles.</exception>
    public void AddRow(params Cell[] cells)
    {
        if (_columns.Count > 0 && cells.Length > _columns.Count)
        {
            throw new ArgumentException(
                $"the row has {cells.Length} cells, the table {_columns.Count} columns",
                nameof(cells)
            );
        }

        _rows.Add(cells);
    }

    public void Write(Terminal terminal) => Write(terminal.Output, terminal.Width, terminal.Colour);

    public void Write(TextWriter output, int maxWidth = Terminal.UnlimitedWidth, bool colour = false)
    {
        Cell[][] lines =
            _columns.Count > 0
                ?
                [
                    [.. _columns.Select(c => new Cell(c.Title, Tone.Dim))],
                    .. _rows,
                ]
                : [.. _rows];
        var widths = Narrowed(Widths(lines), maxWidth);
        foreach (var line in lines)
        {
            WriteLine(output, line, widths, colour);
        }
    }

    private static int[] Widths(Cell[][] lines)
    {
        var widths = new int[lines.Length == 0 ? 0 : lines.Max(l => l.Length)];
        foreach (var line in lines)
        {
            for (var i = 0; i < line.Length; i++)
            {
                widths[i] = Math.Max(widths[i], TextWidth.Of(line[i].Text));
            }
        }

        return widths;
    }

    private static int[] Narrowed(int[] widths, int maxWidth)
    {
        var excess = widths.Sum(w => (long)w) + (long)Gap * Math.Max(0, widths.Length - 1) - maxWidth;
        while (excess > 0)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            // Cut down to the second widest column at once, so that the loop runs at most once per column.
            var next = Math.Max(MinColumnWidth, widths.Where((_, i) => i != widest).DefaultIfEmpty(0).Max());
            var step = (int)Math.Min(excess, Math.Max(1, widths[widest] - next));
            if (widths[widest] - step < MinColumnWidth)
            {
                break;
            }

            widths[widest] -= step;
            excess -= step;
        }

        return widths;
    }

    private void WriteLine(TextWriter output, Cell[] line, int[] widths, bool colour)
    {
        var pending = 0;
        for (var i = 0; i < line.Length; i++)
        {
            var text = TextWidth.Fit(line[i].Text, widths[i], Cut);
            var blanks = widths[i] - TextWidth.Of(text);
            var right = i < _columns.Count && _columns[i].Align == Align.Right;
            // Blanks are written only when something follows them, so that no line ends in blanks.
            if (text.Length > 0)
            {
                output.Write(new string(' ', pending + (right ? blanks : 0)));
                output.Write(colour ? Ansi.Paint(text, line[i].Tone) : text);
                pending = right ? 0 : blanks;
            }
            else
            {
                pending += blanks;
            }

            pending += Gap;
        }

        output.WriteLine();
    }
}
