using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// A matrix as a graph for Graphviz: a cluster for each namespace, an edge for each connection that a policy restricts.
/// </summary>
internal static class MatrixDot
{
    private const int MaxGroups = 500;

    public static void Write(MatrixReport report, TextWriter output)
    {
        var whole = report.ForGraph(MaxGroups);
        var graph = whole.Graph();
        output.WriteLine(
            "// podfence matrix: allowed connections. Connections that no policy restricts at either end are left "
                + "out; dashed groups accept every source that is not restricted itself."
        );
        output.WriteLine("digraph podfence {");
        output.WriteLine("  rankdir=LR;");
        output.WriteLine("  node [shape=box, style=rounded, fontname=\"sans-serif\"];");
        output.WriteLine("  edge [fontname=\"sans-serif\", fontsize=10];");
        WriteNodes(graph, output);
        foreach (var source in graph.Sources.Where(static source => source.Kind != SourceKind.Group))
        {
            var label = source.Kind == SourceKind.Namespace ? $"all of {source.Name}" : source.Name;
            output.WriteLine(
                $"  {Quote(Id(source))} [label={Quote(label)}, tooltip={Quote(source.Members ?? label)}, "
                    + $"shape=ellipse];"
            );
        }

        foreach (var edge in graph.Edges)
        {
            var style = CellText.Of(edge.Cell) == CellState.Mixed ? ", style=dashed" : "";
            output.WriteLine(
                $"  {Quote(Id(edge.From))} -> {Quote(graph.Groups[edge.To].Name)} "
                    + $"[label={Quote(CellText.Short(edge.Cell))}, tooltip={Quote(edge.Cell.ToString())}{style}];"
            );
        }

        output.WriteLine("}");
    }

    private static void WriteNodes(MatrixGraph graph, TextWriter output)
    {
        var number = 0;
        foreach (
            var home in graph
                .Groups.GroupBy(
                    static group => group.Namespace == group.Name ? null : group.Namespace,
                    StringComparer.Ordinal
                )
                .OrderBy(static home => home.Key is null)
        )
        {
            var indent = home.Key is null ? "  " : "    ";
            if (home.Key is { } name)
            {
                output.WriteLine($"  subgraph cluster_{number++} {{");
                output.WriteLine($"    label={Quote(name)};");
            }

            foreach (var group in home)
            {
                var style =
                    group.Kind == GroupKind.Pods && MatrixGraph.IsOpen(group) ? ", style=\"rounded,dashed\""
                    : group.Kind == GroupKind.Pods ? ""
                    : ", shape=ellipse";
                output.WriteLine($"{indent}{Quote(group.Name)} [label={Quote(group.LocalName())}{style}];");
            }

            if (home.Key is not null)
            {
                output.WriteLine("  }");
            }
        }
    }

    // No group name begins with these prefixes.
    private static string Id(GraphSource source) =>
        source.Kind switch
        {
            SourceKind.Group => source.Name,
            SourceKind.Namespace => $"all of:{source.Name}",
            SourceKind.Several => $"several:{source.Members}",
            _ => $"bundle:{source.Name}",
        };

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
