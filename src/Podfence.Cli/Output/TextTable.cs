namespace Podfence.Cli;

/// <summary>How the cells of a column stand in it.</summary>
internal enum Align
{
    /// <summary>Words.</summary>
    Left,

    /// <summary>Numbers.</summary>
    Right,
}

/// <summary>What a cell says beside its text, where colour is on.</summary>
internal enum Tone
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Not as it should be.</summary>
    Bad,

    /// <summary>To be looked at.</summary>
    Warn,

    /// <summary>Of less weight.</summary>
    Dim,
}

/// <summary>One cell: a text and its tone. A string is a cell by itself.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// Columns of text for people, two blanks apart. No line ends in blanks, so that the output can be compared and pasted;
/// a table too wide for the screen is narrowed by cutting its widest column, never by breaking lines.
/// </summary>
internal sealed class TextTable
{
    private const int Gap = 2;
    private const string Cut = "…";

    // A column is not cut below this: three letters and the mark still say which of few things is meant.
    private const int NarrowestColumn = 4;

    private readonly IReadOnlyList<(string Title, Align Align)> _columns;
    private readonly List<Cell[]> _rows = [];

    /// <summary>A table with a title over every column.</summary>
    public TextTable(params IReadOnlyList<(string Title, Align Align)> columns) => _columns = columns;

    /// <summary>Adds a row. It may have fewer cells than there are titles; without titles, rows are as long as they like.</summary>
    /// <exception cref="ArgumentException">The row has more cells than the table has titles.</exception>
    public void AddRow(params Cell[] cells)
    {
        if (_columns.Count > 0 && cells.Length > _columns.Count)
        {
            throw new ArgumentException($"the row has {cells.Length} cells, the table {_columns.Count} columns", nameof(cells));
        }

        _rows.Add(cells);
    }

    /// <summary>Writes the table in the colour and width of the terminal.</summary>
    public void Write(Terminal terminal) => Write(terminal.Output, terminal.Width, terminal.Colour);

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="maxWidth">Columns of the screen. Default: no limit.</param>
    /// <param name="colour">Whether tones become escape sequences. Default: no.</param>
    public void Write(TextWriter output, int maxWidth = Terminal.UnlimitedWidth, bool colour = false)
    {
        Cell[][] lines = _columns.Count > 0 ? [[.. _columns.Select(c => new Cell(c.Title, Tone.Dim))], .. _rows] : [.. _rows];
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
            // As much at once as makes the widest column equal to the next one, so that the loop is as long as the table is wide.
            var next = Math.Max(NarrowestColumn, widths.Where((_, i) => i != widest).DefaultIfEmpty(0).Max());
            var step = (int)Math.Min(excess, Math.Max(1, widths[widest] - next));
            if (widths[widest] - step < NarrowestColumn)
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
            // Blanks are owed until something follows them: that is what keeps the ends of lines clean.
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
