using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A line of text in the picture that edges begin or end at.</summary>
/// <param name="Text">The text.</param>
/// <param name="Title">The whole of it, where it had to be cut, or more about it.</param>
/// <param name="Y">The middle of the line.</param>
/// <param name="Kind">How it is drawn.</param>
internal sealed record SvgLine(string Text, string Title, double Y, SvgLineKind Kind)
{
    /// <summary>Whether it is at the end of the line before it.</summary>
    public bool IsBeside { get; init; }
}

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

    /// <summary>A destination that accepts every source.</summary>
    Open,

    /// <summary>A destination that nothing reaches.</summary>
    Closed,
}

/// <summary>A box around lines: a namespace.</summary>
/// <param name="Title">Its name, or null for what is in no namespace.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Bottom">The lower edge.</param>
/// <param name="Lines">What is in it.</param>
internal sealed record SvgBox(string? Title, double Top, double Bottom, IReadOnlyList<SvgLine> Lines);

/// <summary>
/// Where everything of the picture is: sources on the left, destinations on the right under each of which its ports
/// stand, both in boxes of their namespaces and in the same order,
/// so that most edges run level. The same matrix is always laid out the same.
/// </summary>
internal sealed class SvgLayout
{
    private const double LineHeight = 20;
    private const double BoxPadding = 10;
    private const double BoxTitle = 20;
    private const double Gap = 14;
    private const double LetterWidth = 6.9;
    private const int MaxName = 46;

    private readonly MatrixGraph _graph;
    private readonly Dictionary<GraphSource, double> _sources = [];
    private readonly Dictionary<(int To, string Cell), double> _ports = [];

    public SvgLayout(MatrixGraph graph, double top)
    {
        _graph = graph;
        Right = LayOutDestinations(top);
        Left = LayOutSources(top);
        Height = Math.Max(Left.Count > 0 ? Left[^1].Bottom : top, Right.Count > 0 ? Right[^1].Bottom : top);
    }

    /// <summary>Boxes of sources.</summary>
    public IReadOnlyList<SvgBox> Left { get; }

    /// <summary>Boxes of destinations.</summary>
    public IReadOnlyList<SvgBox> Right { get; }

    /// <summary>The lower edge of everything.</summary>
    public double Height { get; }

    /// <summary>How wide the boxes of a side are.</summary>
    public static double WidthOf(IReadOnlyList<SvgBox> boxes) =>
        (2 * BoxPadding)
        + 24
        + (
            LetterWidth
            * boxes
                .Select(static box =>
                    Math.Max(
                        box.Title?.Length ?? 0,
                        box.Lines.Zip(box.Lines.Skip(1).Append(null))
                            .Max(static pair =>
                                pair.First.Text.Length
                                + (pair.Second is { IsBeside: true } beside ? beside.Text.Length + 3 : 0)
                            )
                    )
                )
                .DefaultIfEmpty(0)
                .Max()
        );

    /// <summary>The edges: from where to where, and what they are.</summary>
    public IEnumerable<(double From, double To, GraphEdge Edge)> Edges() =>
        _graph.Edges.Select(edge => (_sources[edge.From], _ports[(edge.To, edge.Cell.ToString())], edge));

    /// <summary>The name of a destination.</summary>
    public string NameOf(int to) => _graph.Groups[to].Name;

    /// <summary>
    /// Boxes as near to where their edges lead as those before them let them be: those that lead up come first.
    /// </summary>
    private List<SvgBox> LayOutSources(double top)
    {
        var aims = _graph
            .Edges.GroupBy(static edge => edge.From)
            .ToDictionary(
                static same => same.Key,
                same => same.Average(edge => _ports[(edge.To, edge.Cell.ToString())])
            );
        var boxes = new List<SvgBox>();
        var homes = _graph
            .Sources.GroupBy(
                source =>
                    HomeOf(source)
                    ?? (
                        source.Kind == SourceKind.Group && _graph.Groups[source.Number].Kind == GroupKind.Pods
                            ? $" {source.Name}"
                            : ""
                    ),
                StringComparer.Ordinal
            )
            .Select(home =>
                (
                    home.Key,
                    Sources: home.OrderBy(source =>
                            source.Kind is not (SourceKind.Everyone or SourceKind.AllPods or SourceKind.Namespace)
                        )
                        .ThenBy(source => aims[source])
                        .ToList(),
                    Aim: home.Average(source => aims[source])
                )
            )
            .OrderBy(static home => home.Aim)
            .ThenBy(static home => home.Key, StringComparer.Ordinal)
            .ToList();
        // The space below the last box can be used for gaps.
        var slack = Math.Max(
            0,
            (Right.Count > 0 ? Right[^1].Bottom : top)
                - top
                - homes.Sum(home => HeightOf(home.Key, home.Sources.Count) + Gap)
        );
        foreach (var (key, sources, aim) in homes)
        {
            var wanted = Math.Max(0, aim - (HeightOf(key, sources.Count) / 2) - top);
            var lost = Math.Min(wanted, slack);
            (slack, top) = (slack - lost, top + lost);
            var title = IsNamed(key) ? key : null;
            var y = top + BoxPadding + (title is null ? 0 : BoxTitle);
            var lines = new List<SvgLine>();
            foreach (var source in sources)
            {
                var text =
                    source.Kind == SourceKind.Namespace ? "all of it"
                    : source.Kind == SourceKind.Group ? _graph.Groups[source.Number].LocalName()
                    : source.Name;
                lines.Add(
                    new(
                        Cut(text),
                        source.Members ?? source.Name,
                        y + (LineHeight / 2),
                        source.Kind == SourceKind.Group ? SvgLineKind.Name : SvgLineKind.Bundle
                    )
                );
                _sources[source] = y + (LineHeight / 2);
                y += LineHeight;
            }

            boxes.Add(new(title, top, y + BoxPadding, lines));
            top = y + BoxPadding + Gap;
        }

        return boxes;
    }

    private static bool IsNamed(string key) => key.Length > 0 && key[0] != ' ';

    private static double HeightOf(string key, int lines) =>
        (2 * BoxPadding) + (IsNamed(key) ? BoxTitle : 0) + (lines * LineHeight);

    private List<SvgBox> LayOutDestinations(double top)
    {
        var boxes = new List<SvgBox>();
        var edges = _graph.Edges.ToLookup(static edge => edge.To);
        // Only pods can be fenced; others are shown where an edge that is restricted leads there.
        var shown = Enumerable
            .Range(0, _graph.Groups.Count)
            .Where(to => _graph.Groups[to] is { Kind: GroupKind.Pods, InScope: true } || edges[to].Any());
        foreach (
            var home in shown
                .GroupBy(
                    to =>
                        _graph.Groups[to] is { } group && group.Namespace == group.Name
                            ? null
                            : _graph.Groups[to].Namespace,
                    StringComparer.Ordinal
                )
                .OrderBy(static home => home.Key is null)
                .ThenBy(static home => home.Key, StringComparer.Ordinal)
        )
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
        lines.Add(
            Line(
                Cut(group.LocalName()),
                group.Pods > 1 ? $"{group.Name}, {group.Pods} pods" : group.Name,
                SvgLineKind.Name,
                ref y
            )
        );
        var cells = edges.Select(static edge => edge.Cell).DistinctBy(static cell => cell.ToString()).ToList();
        var states = new List<SvgLine>();
        // A single line is placed beside the name.
        var isBeside = cells.Count + (group.Kind == GroupKind.Pods && MatrixGraph.IsOpen(group) ? 1 : 0) <= 1;
        var from = isBeside ? y - LineHeight : y;
        if (group.Kind == GroupKind.Pods && MatrixGraph.IsOpen(group))
        {
            states.Add(
                Line(
                    "open",
                    $"No policy restricts ingress to {group.Name}; only the egress policies of sources do.",
                    SvgLineKind.Open,
                    ref from
                )
            );
        }
        else if (cells.Count == 0)
        {
            states.Add(Line("closed", $"Nothing reaches {group.Name}.", SvgLineKind.Closed, ref from));
        }

        foreach (var cell in cells)
        {
            _ports[(to, cell.ToString())] = from + (LineHeight / 2);
            states.Add(
                Line(
                    Cut(CellText.Short(cell)),
                    cell.ToString(),
                    CellText.Of(cell) == CellState.Mixed ? SvgLineKind.MixedPorts : SvgLineKind.Ports,
                    ref from
                )
            );
        }

        lines.AddRange(states.Select(state => state with { IsBeside = isBeside }));
        y = from;
    }

    private static SvgLine Line(string text, string title, SvgLineKind kind, ref double y)
    {
        y += LineHeight;
        return new(text, title, y - (LineHeight / 2), kind);
    }

    private static string? HomeOf(GraphSource source) =>
        source.Namespace == source.Name && source.Kind == SourceKind.Group ? null : source.Namespace;

    private static string Cut(string text) => TextWidth.Fit(text, MaxName, "…");
}
