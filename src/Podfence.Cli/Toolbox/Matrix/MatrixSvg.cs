using System.Globalization;
using System.Net;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// A matrix as an image: sources on the left, destinations and open ports on the right. Light or dark by the reader's
/// preference.
/// </summary>
internal static class MatrixSvg
{
    // More boxes than this are not readable: then the graph shows namespaces.
    private const int MaxGroups = 100;
    private const int Colours = 8;
    private const int ManyEdges = 200;
    private const double Margin = 20;
    private const double Top = 64;
    private const double Middle = 320;

    private const string Style = """
        <style>
        svg { --paper: #ffffff; --ink: #1f2430; --soft: #5b6475; --line: #d5dae3; --box: #f5f7fa; --good: #1a7f4b; --bad: #b3261e; --warn: #8a5a00;
          --c0: #2f6fde; --c1: #c2410c; --c2: #15803d; --c3: #9333ea; --c4: #be185d; --c5: #0e7490; --c6: #a16207; --c7: #475569; }
        @media (prefers-color-scheme: dark) { svg { --paper: #14171d; --ink: #e6e9ef; --soft: #9aa4b5; --line: #343b48; --box: #1d222b; --good: #5fd394; --bad: #ff8f85; --warn: #f0b849;
          --c0: #7aa8ff; --c1: #ff9a62; --c2: #6fdc96; --c3: #c79bff; --c4: #ff8cc0; --c5: #5cd3e8; --c6: #e8c15a; --c7: #a8b3c4; } }
        .paper { fill: var(--paper) } .box { fill: var(--box); stroke: var(--line) }
        text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); dominant-baseline: central }
        .head { font-size: 15px; font-weight: 600 } .soft, .home { fill: var(--soft) } .home { font-weight: 600; font-size: 11px }
        .bundle { font-style: italic } .ports { fill: var(--good) } .mixed, .open { fill: var(--warn) } .closed { fill: var(--bad) }
        .e { fill: none; stroke-width: 1.6; stroke-opacity: .62 } .e:hover { stroke-width: 3.5; stroke-opacity: 1 } .d { stroke-dasharray: 5 3 }
        .many .e { stroke-opacity: .4; stroke-width: 1.2 } .many .e:hover { stroke-opacity: 1 }
        </style>
        """;

    public static void Write(MatrixReport report, TextWriter output)
    {
        var shown = report.ForGraph(MaxGroups);
        var graph = shown.Graph();
        var layout = new SvgLayout(graph, Top);
        var (left, right) = (
            Math.Max(SvgLayout.WidthOf(layout.Left), 120),
            Math.Max(SvgLayout.WidthOf(layout.Right), 120)
        );
        var width = (2 * Margin) + left + Middle + right;
        var height = layout.Height + (2 * Margin) + 20;
        output.WriteLine(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 "
                + $"{N(width)} {N(height)}\" role=\"img\" aria-labelledby=\"t d\">"
        );
        var title =
            $"Allowed connections: {graph.Groups.Count(static group => group.Kind == GroupKind.Pods)} "
            + $"{shown.GroupWord}";
        var aside = ReferenceEquals(shown, report)
            ? ""
            : $" (instead of {report.Groups.Count(static group => group.Kind == GroupKind.Pods)} {report.GroupWord})";
        output.WriteLine($"<title id=\"t\">{Text(title + aside)}</title>");
        output.WriteLine(
            "<desc id=\"d\">Sources on the left, destinations with their open ports on the right. Connections "
                + "that no policy restricts at either end are left out.</desc>"
        );
        output.WriteLine(Style);
        output.WriteLine($"<rect class=\"paper\" width=\"{N(width)}\" height=\"{N(height)}\"/>");
        output.WriteLine(
            $"<text class=\"head\" x=\"{N(Margin)}\" "
                + $"y=\"24\">{Text(title)}{(aside.Length > 0 ? $"<tspan class=\"soft\">{Text(aside)}</tspan>" : "")}</text>"
        );
        output.WriteLine($"<text class=\"soft\" x=\"{N(Margin)}\" y=\"46\">source</text>");
        output.WriteLine(
            $"<text class=\"soft\" x=\"{N(Margin + left + Middle)}\" y=\"46\">destination and open ports</text>"
        );
        WriteEdges(layout, output, Margin + left, Margin + left + Middle);
        WriteBoxes(layout.Left, output, Margin, left, isSource: true);
        WriteBoxes(layout.Right, output, Margin + left + Middle, right, isSource: false);
        output.WriteLine(
            $"<text class=\"soft\" x=\"{N(Margin)}\" y=\"{N(height - 16)}\">open: accepts every source that is "
                + $"not restricted itself (no line drawn). Dashed, ~: between some endpoints only.</text>"
        );
        output.WriteLine("</svg>");
    }

    private static void WriteEdges(SvgLayout layout, TextWriter output, double left, double right)
    {
        var bend = (right - left) / 2;
        var edges = layout.Edges().ToList();
        output.WriteLine(edges.Count > ManyEdges ? "<g class=\"many\">" : "<g>");
        foreach (var (from, to, edge) in edges)
        {
            var dashed = CellText.Of(edge.Cell) == CellState.Mixed ? " d" : "";
            output.WriteLine(
                $"<path class=\"e{dashed}\" stroke=\"var(--c{ColourOf(edge.From)})\" d=\"M{N(left)} "
                    + $"{N(from)}C{N(left + bend)} {N(from)} {N(right - bend)} {N(to)} {N(right)} "
                    + $"{N(to)}\"><title>{Text($"{edge.From.Members ?? edge.From.Name} to {layout.NameOf(edge.To)}: {edge.Cell}")}</title></path>"
            );
        }

        output.WriteLine("</g>");
    }

    private static void WriteBoxes(
        IReadOnlyList<SvgBox> boxes,
        TextWriter output,
        double x,
        double width,
        bool isSource
    )
    {
        foreach (var box in boxes)
        {
            output.WriteLine(
                $"<rect class=\"box\" x=\"{N(x)}\" y=\"{N(box.Top)}\" width=\"{N(width)}\" "
                    + $"height=\"{N(box.Bottom - box.Top)}\" rx=\"6\"/>"
            );
            if (box.Title is { } title)
            {
                output.WriteLine(
                    $"<text class=\"home\" x=\"{N(x + 12)}\" y=\"{N(box.Top + 16)}\">{Text(title)}</text>"
                );
            }

            foreach (var line in box.Lines)
            {
                var place = line.IsBeside
                    ? $"x=\"{N(x + width - 12)}\" text-anchor=\"end\""
                    : $"x=\"{N(x + (isSource || line.Kind == SvgLineKind.Name ? 12 : 28))}\"";
                output.WriteLine(
                    $"<text class=\"{ClassOf(line.Kind)}\" {place} "
                        + $"y=\"{N(line.Y)}\"><title>{Text(line.Title)}</title>{Text(line.Text)}</text>"
                );
            }
        }
    }

    private static string ClassOf(SvgLineKind kind) =>
        kind switch
        {
            SvgLineKind.Bundle => "bundle",
            SvgLineKind.Ports => "ports",
            SvgLineKind.MixedPorts => "mixed",
            SvgLineKind.Open => "open",
            SvgLineKind.Closed => "closed",
            _ => "name",
        };

    // The same namespace has the same colour in every picture.
    private static int ColourOf(GraphSource source)
    {
        var hash = 5381u;
        foreach (var letter in source.Namespace ?? source.Name)
        {
            hash = (hash * 33) ^ letter;
        }

        return (int)(hash % Colours);
    }

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
