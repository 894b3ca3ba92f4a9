using System.Globalization;
using System.Security;
using System.Text;

namespace Podfence.Bench;

/// <summary>One line of a panel.</summary>
/// <param name="Series">Its place in the legend, from 0.</param>
/// <param name="Points">What is shown, from left to right.</param>
internal sealed record ChartLine(int Series, IReadOnlyList<(double X, double Y)> Points);

/// <summary>One diagram of a picture.</summary>
/// <param name="Title">What is shown, with its unit.</param>
/// <param name="Below">What goes to the right.</param>
/// <param name="Ticks">Marked places to the right.</param>
/// <param name="Lines">The lines.</param>
internal sealed record ChartPanel(
    string Title,
    string Below,
    IReadOnlyList<double> Ticks,
    IReadOnlyList<ChartLine> Lines
)
{
    /// <summary>Whether upwards is by powers of ten; else from zero.</summary>
    public bool LogUp { get; init; }

    /// <summary>Whether to the right is by powers of ten; else from zero.</summary>
    public bool LogRight { get; init; }

    /// <summary>How a number on the left is written.</summary>
    public Func<double, string> Label { get; init; } =
        static value => value.ToString("#,0", CultureInfo.InvariantCulture);
}

/// <summary>
/// Draws diagrams in columns. A series has a colour and a shape of its marks, so that colours need not be told apart;
/// letters and lines follow the reader's light or dark.
/// </summary>
internal static class SvgChart
{
    private const int Width = 460;
    private const int Height = 260;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 34;
    private const int Bottom = 46;
    private const int LegendHeight = 40;

    private static readonly int[] s_steps = [1, 2, 4, 6, 8, 10];

    private const string Style = """
        <style>
          text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
          .title { font-weight: 600 }
          .grid { stroke: #d0d7de; stroke-width: 1 }
          .line { fill: none; stroke-width: 2.2 }
          .s0 { stroke: #0a6ebd; fill: #0a6ebd } .s1 { stroke: #2a8a4a; fill: #2a8a4a } .s2 { stroke: #8250df; fill: #8250df } .s3 { stroke: #c2410c; fill: #c2410c } .s4 { stroke: #6e7781; fill: #6e7781 }
          .back { fill: #ffffff }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 }
            .grid { stroke: #30363d }
            .s0 { stroke: #58a6ff; fill: #58a6ff } .s1 { stroke: #56d364; fill: #56d364 } .s2 { stroke: #bc8cff; fill: #bc8cff } .s3 { stroke: #ff9a5c; fill: #ff9a5c } .s4 { stroke: #9ea7b3; fill: #9ea7b3 }
            .back { fill: #0d1117 }
          }
          .line { fill: none !important }
        </style>
        """;

    /// <summary>Draws panels, so many beside each other.</summary>
    public static string Draw(string title, IReadOnlyList<string> series, IReadOnlyList<ChartPanel> panels, int columns)
    {
        var rows = (panels.Count + columns - 1) / columns;
        var (width, height) = (columns * Width, LegendHeight + (rows * Height));
        var text = new StringBuilder();
        text.Append(
            Invariant(
                $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n<title>{Escape(title)}</title>\n"
            )
        );
        text.Append(Style)
            .Append(Invariant($"\n<rect class=\"back\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n"));
        var x = 24.0;
        for (var i = 0; i < series.Count; i++)
        {
            text.Append(Invariant($"<line class=\"line s{i}\" x1=\"{x}\" y1=\"22\" x2=\"{x + 26}\" y2=\"22\"/>"))
                .Append(Mark(i, x + 13, 22));
            text.Append(Invariant($"<text x=\"{x + 32}\" y=\"26\">{Escape(series[i])}</text>\n"));
            x += 56 + (series[i].Length * 7.2);
        }

        for (var i = 0; i < panels.Count; i++)
        {
            text.Append(
                Invariant(
                    $"<g transform=\"translate({i % columns * Width} {LegendHeight + (i / columns * Height)})\">\n"
                )
            );
            Draw(text, panels[i]);
            text.Append("</g>\n");
        }

        return text.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder text, ChartPanel panel)
    {
        var values = panel
            .Lines.SelectMany(static line => line.Points)
            .Select(static point => point.Y)
            .Where(double.IsFinite)
            .ToList();
        var (low, high) = panel.LogUp
            ? (Math.Pow(10, Math.Floor(Math.Log10(values.Min()))), Math.Pow(10, Math.Ceiling(Math.Log10(values.Max()))))
            : (0, Ceiling(values.Max()));
        // A little room on both sides: the first and the last mark are not to touch the frame.
        var (first, last) = panel.LogRight
            ? (panel.Ticks[0] / 1.5, panel.Ticks[^1] * 1.5)
            : (0, panel.Ticks[^1] * 1.06);
        double X(double value) => Left + ((Width - Left - Right) * Part(value, first, last, panel.LogRight));
        double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * Part(value, low, high, panel.LogUp));

        text.Append(Invariant($"<text class=\"title\" x=\"{Left}\" y=\"20\">{Escape(panel.Title)}</text>\n"));
        foreach (var tick in Upwards(low, high, panel.LogUp))
        {
            text.Append(
                Invariant(
                    $"<line class=\"grid\" x1=\"{Left}\" y1=\"{Y(tick):0.#}\" x2=\"{Width - Right}\" y2=\"{Y(tick):0.#}\"/>"
                )
            );
            text.Append(
                Invariant(
                    $"<text x=\"{Left - 8}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{Escape(panel.Label(tick))}</text>\n"
                )
            );
        }

        foreach (var tick in panel.Ticks)
        {
            text.Append(
                Invariant(
                    $"<text x=\"{X(tick):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{tick:#,0}</text>\n"
                )
            );
        }

        text.Append(
            Invariant(
                $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">{Escape(panel.Below)}</text>\n"
            )
        );
        foreach (var line in panel.Lines)
        {
            var points = line.Points.Where(static point => double.IsFinite(point.Y)).ToList();
            text.Append(
                Invariant(
                    $"<polyline class=\"line s{line.Series}\" points=\"{string.Join(' ', points.Select(point => Invariant($"{X(point.X):0.#},{Y(point.Y):0.#}")))}\"/>\n"
                )
            );
            foreach (var point in points)
            {
                text.Append(Mark(line.Series, X(point.X), Y(point.Y)));
            }

            text.Append('\n');
        }
    }

    private static string Mark(int series, double x, double y) =>
        (series % 5) switch
        {
            0 => Invariant($"<circle class=\"s{series}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\"/>"),
            1 => Invariant(
                $"<rect class=\"s{series}\" x=\"{x - 3.6:0.#}\" y=\"{y - 3.6:0.#}\" width=\"7.2\" height=\"7.2\"/>"
            ),
            2 => Invariant($"<path class=\"s{series}\" d=\"M{x:0.#} {y - 5:0.#}l5 5l-5 5l-5 -5z\"/>"),
            3 => Invariant($"<path class=\"s{series}\" d=\"M{x:0.#} {y - 5:0.#}l5 9h-10z\"/>"),
            _ => Invariant($"<path class=\"s{series}\" d=\"M{x - 5:0.#} {y - 4:0.#}h10l-5 9z\"/>"),
        };

    private static double Part(double value, double first, double last, bool log) =>
        log
            ? (Math.Log10(value) - Math.Log10(first)) / (Math.Log10(last) - Math.Log10(first))
            : (value - first) / (last - first);

    private static IEnumerable<double> Upwards(double low, double high, bool log)
    {
        for (var tick = low; tick <= high * 1.001; tick = log ? tick * 10 : tick + (high / 4))
        {
            yield return tick;
        }
    }

    /// <summary>The next number that divides well by four.</summary>
    private static double Ceiling(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return s_steps.Select(factor => factor * power).First(candidate => candidate >= value);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
