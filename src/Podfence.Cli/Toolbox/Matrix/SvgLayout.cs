using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>A line of text in the picture that edges begin or end at.</summary>
/// <param name="Text">The text.</param>
/// <param name="Title">The whole of it, where it had to be cut, or more about it.</param>
/// <param name="Y">The middle of the line.</param>
/// <param name="Kind">How it is drawn.</param>
internal sealed record SvgLine(string Text, string Title, double Y, SvgLineKind Kind);

/// <summary>How a line is drawn.</summary>
internal enum SvgLineKind
{
    /// <summary>A source of edges, or a destination's name.</summary>
    Name,

    /// <summary>A source that stands for several.</summary>
    Bundle,

    /// <summary>Ports that are open.</summary>
    Ports,

    /// <summary>Ports that are open between some ends.</summary>
    MixedPorts,

    /// <summary>A destination that does not keep anybody out.</summary>
    Open,

    /// <summary>A destination that nobody reaches.</summary>
    Closed,
}

/// <summary>A box around lines: a namespace.</summary>
/// <param name="Title">Its name, or null for what is in no namespace.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Bottom">The lower edge.</param>
/// <param name="Lines">What is in it.</param>
internal sealed record SvgBox(string? Title, double Top, double Bottom, IReadOnlyList<SvgLine> Lines);

/// <summary>
/// Where everything of the picture is: sources on the left, destinations on the right under each of which its ports stand, both in boxes of their namespaces and in the same order,
/// so that most edges run level. The same matrix is always laid out the same.
/// </summary>
internal sealed class SvgLayout
{
    private const double LineHeight = 20;
    private const double BoxPadding = 10;
    private const double BoxTitle = 20;
    private const double Gap = 14;
    private const double LetterWidth = 6.9;
    private const int LongestName = 46;

    private readonly MatrixGraph _graph;
    private readonly Dictionary<GraphSource, double> _sources = [];
    private readonly Dictionary<(int To, MatrixCell Cell), double> _ports = [];

    public SvgLayout(MatrixGraph graph, double top)
    {
        _graph = graph;
        Left = LayOutSources(top);
        Right = LayOutDestinations(top);
        var leftHeight = Left.Count > 0 ? Left[^1].Bottom : top;
        Height = Math.Max(leftHeight, Right.Count > 0 ? Right[^1].Bottom : top);
        // The shorter side stands in the middle of the longer one.
        var shift = Math.Max(0, (Height - leftHeight) / 2);
        if (shift > LineHeight && Left.Count > 0)
        {
            Left = [.. Left.Select(box => box with { Top = box.Top + shift, Bottom = box.Bottom + shift, Lines = [.. box.Lines.Select(line => line with { Y = line.Y + shift })] })];
            foreach (var source in _sources.Keys.ToList())
            {
                _sources[source] += shift;
            }
        }
    }

    /// <summary>Boxes of sources.</summary>
    public IReadOnlyList<SvgBox> Left { get; }

    /// <summary>Boxes of destinations.</summary>
    public IReadOnlyList<SvgBox> Right { get; }

    /// <summary>The lower edge of everything.</summary>
    public double Height { get; }

    /// <summary>How wide the boxes of a side are.</summary>
    public static double WidthOf(IReadOnlyList<SvgBox> boxes) => boxes.Count == 0 ? 0
        : (2 * BoxPadding) + 24 + (LetterWidth * boxes.Max(static box => Math.Max(box.Title?.Length ?? 0, box.Lines.Max(static line => line.Text.Length))));

    /// <summary>The edges: from where to where, and what they are.</summary>
    public IEnumerable<(double From, double To, GraphEdge Edge)> Edges() => _graph.Edges.Select(edge => (_sources[edge.From], _ports[(edge.To, edge.Cell)], edge));

    /// <summary>The name of a destination.</summary>
    public string NameOf(int to) => _graph.Groups[to].Name;

    private List<SvgBox> LayOutSources(double top)
    {
        var boxes = new List<SvgBox>();
        // Whoever is in no namespace comes first: everyone, the addresses outside, the nodes.
        foreach (var home in _graph.Sources.GroupBy(HomeOf, StringComparer.Ordinal).OrderBy(static home => home.Key is not null).ThenBy(static home => home.Key, StringComparer.Ordinal))
        {
            var y = top + BoxPadding + (home.Key is null ? 0 : BoxTitle);
            var lines = new List<SvgLine>();
            foreach (var source in home)
            {
                var text = source.Kind == SourceKind.Namespace ? "all of it" : source.Kind == SourceKind.Group ? _graph.Groups[source.Number].LocalName() : source.Name;
                lines.Add(new(Cut(text), source.Name, y + (LineHeight / 2), source.Kind == SourceKind.Group ? SvgLineKind.Name : SvgLineKind.Bundle));
                _sources[source] = y + (LineHeight / 2);
                y += LineHeight;
            }

            boxes.Add(new(home.Key, top, y + BoxPadding, lines));
            top = y + BoxPadding + Gap;
        }

        return boxes;
    }

    private List<SvgBox> LayOutDestinations(double top)
    {
        var boxes = new List<SvgBox>();
        var edges = _graph.Edges.ToLookup(static edge => edge.To);
        // Only pods can be fenced; others are shown where an edge that is restricted leads there.
        var shown = Enumerable.Range(0, _graph.Groups.Count).Where(to => _graph.Groups[to] is { Kind: GroupKind.Pods, IsWanted: true } || edges[to].Any());
        foreach (var home in shown.GroupBy(to => _graph.Groups[to] is { } group && group.Namespace == group.Name ? null : _graph.Groups[to].Namespace, StringComparer.Ordinal)
            .OrderBy(static home => home.Key is null).ThenBy(static home => home.Key, StringComparer.Ordinal))
        {
            var y = top + BoxPadding + (home.Key is null ? 0 : BoxTitle);
            var lines = new List<SvgLine>();
            foreach (var to in home)
            {
                Place(to, edges[to], lines, ref y);
            }

            boxes.Add(new(home.Key, top, y + BoxPadding, lines));
            top = y + BoxPadding + Gap;
        }

        return boxes;
    }

    private void Place(int to, IEnumerable<GraphEdge> edges, List<SvgLine> lines, ref double y)
    {
        var group = _graph.Groups[to];
        lines.Add(Line(Cut(group.LocalName()), group.Pods > 1 ? $"{group.Name}, {group.Pods} pods" : group.Name, SvgLineKind.Name, ref y));
        var cells = edges.Select(static edge => edge.Cell).Distinct().ToList();
        if (group.Kind == GroupKind.Pods && MatrixGraph.IsOpen(group))
        {
            lines.Add(Line("open", $"No policy keeps anybody from {group.Name}; who reaches it is a matter of their own policies.", SvgLineKind.Open, ref y));
        }
        else if (cells.Count == 0)
        {
            lines.Add(Line("closed", $"Nobody reaches {group.Name}.", SvgLineKind.Closed, ref y));
        }

        foreach (var cell in cells)
        {
            _ports[(to, cell)] = y + (LineHeight / 2);
            lines.Add(Line(Cut(CellText.Short(cell)), cell.ToString(), CellText.Of(cell) == Openness.Mixed ? SvgLineKind.MixedPorts : SvgLineKind.Ports, ref y));
        }
    }

    private static SvgLine Line(string text, string title, SvgLineKind kind, ref double y)
    {
        y += LineHeight;
        return new(text, title, y - (LineHeight / 2), kind);
    }

    private static string? HomeOf(GraphSource source) => source.Namespace == source.Name && source.Kind == SourceKind.Group ? null : source.Namespace;

    private static string Cut(string text) => TextWidth.Fit(text, LongestName, "…");
}
