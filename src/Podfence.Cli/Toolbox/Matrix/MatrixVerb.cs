using System.CommandLine;
using System.CommandLine.Parsing;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Output formats of a matrix.</summary>
internal enum MatrixFormat
{
    /// <summary>A table for people; a list where it would not fit.</summary>
    Text,

    /// <summary>A line for each pair.</summary>
    Wide,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,

    /// <summary>A line for each pair, for spreadsheets.</summary>
    Csv,

    /// <summary>A table for a pull request.</summary>
    Markdown,

    /// <summary>One page that needs nothing else: a heat map to search and filter.</summary>
    Html,

    /// <summary>A graph for Graphviz.</summary>
    Dot,

    /// <summary>A graph as an image.</summary>
    Svg,
}

/// <summary><c>podfence matrix</c>: the allowed connections between groups of pods.</summary>
internal static class MatrixVerb
{
    private const string LabelPrefix = "label=";

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var groupBy = new Option<Grouping>("--group-by")
        {
            Description =
                "How pods are grouped: by workload, namespace, not at all (pod), or by a label of the pod or else "
                + "of its namespace",
            HelpName = "workload|namespace|pod|label=KEY",
            DefaultValueFactory = static _ => new(GroupBy.Workload, null),
            CustomParser = Parse,
        };
        groupBy.CompletionSources.Add("workload", "namespace", "pod", LabelPrefix);
        var exposure = new Option<bool>("--exposure")
        {
            Description = "Include pods and namespaces that do not exist yet",
        };
        var output = EnumOption.Create("--output", "Output format", MatrixFormat.Text, "-o");
        var verb = new Command("matrix", "Show which pods may connect to which, on which ports");
        cluster.AddTo(verb);
        verb.Add(groupBy);
        verb.Add(exposure);
        verb.Add(output);
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var read = await cluster.ReadAsync(parsed, cancel);
                var grouping = parsed.GetValue(groupBy)!;
                var options = new MatrixOptions
                {
                    GroupBy = grouping.By,
                    LabelKey = grouping.Key,
                    Namespace = cluster.Scope(parsed),
                    Exposure = parsed.GetValue(exposure),
                };
                if (options.Namespace is { } only && read.State.PodsIn(only).Count == 0)
                {
                    throw new CliException(
                        $"no pod in namespace {only}: leave -n out, or use one of "
                            + $"{string.Join(", ", read.State.Pods.Select(static pod => pod.Key.Namespace).Distinct().Order(StringComparer.Ordinal).Take(8))}"
                    );
                }

                Write(new(read, options, cancel), parsed.GetValue(output), parsed.Terminal());
                return ExitCodes.Success;
            }
        );
        return verb.WithExamples(
            ("All workloads", "podfence matrix -f manifests/"),
            (
                "The namespaces of a large cluster, as an HTML page",
                "podfence matrix -f manifests/ --group-by namespace -o html > matrix.html"
            ),
            (
                "One namespace and its peers, grouped by a label",
                "podfence matrix -f manifests/ -n shop --group-by label=app"
            ),
            ("Including pods that do not exist yet", "podfence matrix -f manifests/ --exposure"),
            ("A picture", "podfence matrix -f manifests/ -o svg > matrix.svg")
        );
    }

    private static void Write(MatrixReport report, MatrixFormat format, Terminal terminal)
    {
        if (report.Matrix.Groups.Count == 0)
        {
            throw new CliException("no pods: give files with pods or workloads");
        }

        switch (format)
        {
            case MatrixFormat.Wide:
                MatrixWide.Write(report, terminal);
                break;
            case MatrixFormat.Json:
                MatrixJson.Write(report, terminal.Output);
                break;
            case MatrixFormat.Csv:
                MatrixCsv.Write(report, terminal.Output);
                break;
            case MatrixFormat.Markdown:
                MatrixMarkdown.Write(report, terminal.Output);
                break;
            case MatrixFormat.Html:
                MatrixHtml.Write(report, terminal.Output);
                break;
            case MatrixFormat.Dot:
                MatrixDot.Write(report, terminal.Output);
                break;
            case MatrixFormat.Svg:
                MatrixSvg.Write(report, terminal.Output);
                break;
            default:
                MatrixText.Write(report, terminal);
                break;
        }
    }

    private static Grouping? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "workload":
                return new(GroupBy.Workload, null);
            case "namespace":
                return new(GroupBy.Namespace, null);
            case "pod":
                return new(GroupBy.Pod, null);
        }

        if (text.StartsWith(LabelPrefix, StringComparison.OrdinalIgnoreCase) && text.Length > LabelPrefix.Length)
        {
            return new(GroupBy.Label, text[LabelPrefix.Length..]);
        }

        result.AddError($"--group-by {text}: write workload, namespace, pod or label=KEY");
        return null;
    }

    private sealed record Grouping(GroupBy By, string? Key)
    {
        public override string ToString() => Key is null ? new EnumWord<GroupBy>(By).ToString() : LabelPrefix + Key;
    }
}
