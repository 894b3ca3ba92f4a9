using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Podfence.Analysis;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>
/// Formats of <c>podfence matrix</c> that other programs read, with names that have something in them that the format
/// takes for its own.
/// </summary>
public sealed partial class MatrixFormatTests
{
    // No API server takes such a value, but a cluster may come from elsewhere, and the key comes from the command line.
    private const string Value = "</script><b>\"a\", 'b' | `c` & d\n\e[31m";
    private const string Name = "note=</script><b>\"a\", 'b' | `c` & d??[31m";

    [Fact]
    public void Csv_OddLabels_IsReadBackAsItWas()
    {
        var lines = Write(MatrixCsv.Write).TrimEnd('\n').Split('\n').Select(Fields).ToList();

        Assert.All(lines, fields => Assert.Equal(lines[0].Count, fields.Count));
        Assert.Contains(lines, static fields => fields[0] == Name);
        Assert.DoesNotContain(lines.SelectMany(static fields => fields), static field =>
            field.Length > 0 && "=+-@".Contains(field[0], StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@sum", "'@sum")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"a\"", "\"say \"\"a\"\"\"")]
    [InlineData("plain", "plain")]
    public void CsvField_FormulaOrSpecialText_IsEscaped(string text, string expected) =>
        Assert.Equal(expected, MatrixCsv.Field(text));

    [Fact]
    public void JsonAndDot_OddLabels_AreQuoted()
    {
        using var json = JsonDocument.Parse(Write(MatrixJson.Write));

        Assert.Contains(json.RootElement.GetProperty("groups").EnumerateArray(), static group =>
            group.GetProperty("name").GetString() == Name
        );
        Assert.Contains(
            $"\"{Name.Replace("\"", "\\\"", StringComparison.Ordinal)}\" -> ",
            Write(MatrixDot.Write),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Markdown_OddLabels_LeaveTheTableWhole()
    {
        var lines = Write(MatrixMarkdown.Write).Split('\n').Where(static line => line.StartsWith('|')).ToList();

        Assert.All(lines, line => Assert.Equal(Bar().Count(lines[0]), Bar().Count(line)));
        Assert.DoesNotContain(lines, static line => line.Contains("<b>", StringComparison.Ordinal));
    }

    [Fact]
    public void Html_OddLabels_AreDataOnly()
    {
        var page = Write(MatrixHtml.Write);

        var data = Data().Match(page).Groups["data"].Value;
        Assert.DoesNotContain('<', data);
        using var json = JsonDocument.Parse(data);
        var root = json.RootElement;
        Assert.Contains(root.GetProperty("groups").EnumerateArray(), static group =>
            group.GetProperty("n").GetString() == Name
        );
        // Two scripts, one of them data: what a label holds has not become a third.
        Assert.Equal(2, Script().Count(page));
    }

    [Fact]
    public async Task Html_AnyCluster_IsSelfContainedAndHasEveryCell()
    {
        var page = (await CommandRun.RunAsync("matrix", "-f", "examples/article.yaml", "-o", "html"))
            .Succeeded()
            .Output;

        // Nothing is loaded from anywhere, and what is unforeseen is forbidden to.
        Assert.DoesNotMatch(Foreign(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("<noscript>", page, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Data().Match(page).Groups["data"].Value);
        var groups = json
            .RootElement.GetProperty("groups")
            .EnumerateArray()
            .Select(static group => group.GetProperty("n").GetString()!)
            .ToList();
        var cells = json
            .RootElement.GetProperty("cells")
            .EnumerateArray()
            .Select(static cell => cell.GetProperty("t").GetString()!)
            .ToList();
        var rows = json
            .RootElement.GetProperty("rows")
            .EnumerateArray()
            .Select(static row =>
                row.EnumerateArray()
                    .Select(static number => number.GetInt32())
                    .Chunk(2)
                    .SelectMany(static run => Enumerable.Repeat(run[0], run[1]))
                    .ToList()
            )
            .ToList();
        Assert.All(rows, row => Assert.Equal(groups.Count, row.Count));
        Assert.Equal("6379/TCP", cells[rows[groups.IndexOf("default/web")][groups.IndexOf("default/db")]]);
        Assert.Equal("none", cells[rows[groups.IndexOf("stranger/web")][groups.IndexOf("default/db")]]);
        Assert.Equal("", cells[rows[groups.IndexOf("default/db")][groups.IndexOf("default/db")]]);
    }

    [Fact]
    public void Svg_OddLabels_IsXmlWithoutForeignParts()
    {
        var svg = XDocument.Parse(Write(MatrixSvg.Write));

        Assert.Contains(svg.Descendants(), static element =>
            element.Name.LocalName == "title" && element.Value.Contains("note=</script>", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(svg.Descendants().Attributes(), static attribute =>
            attribute.Name.LocalName is "href" or "src"
            || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Svg_OfTheDocuments_IsCurrent()
    {
        var file = Path.Combine(CommandRun.Root, "docs/images/matrix-article.svg");
        var svg = (await CommandRun.RunAsync("matrix", "-f", "examples/article.yaml", "-o", "svg")).Succeeded().Output;
        if (Environment.GetEnvironmentVariable("PODFENCE_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(file, svg, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), svg);
    }

    private static string Write(Action<MatrixReport, TextWriter> format)
    {
        var state = new ClusterState();
        state.Upsert(Namespace.Create("shop"));
        state.Upsert(
            new Pod
            {
                Key = new("shop", "web"),
                Labels = LabelSet.Of(("note", Value)),
                Phase = PodPhase.Running,
            }
        );
        state.Upsert(
            new Pod
            {
                Key = new("shop", "db"),
                Labels = LabelSet.Of(("app", "db")),
                Phase = PodPhase.Running,
            }
        );
        state.Upsert(
            new NetworkPolicy
            {
                Key = new("shop", "db"),
                PodSelector = LabelSelector.MatchLabels(("app", "db")),
                IsolatesIngress = true,
                Ingress =
                [
                    new PolicyRule(
                        [new SelectorPeer(null, LabelSelector.MatchLabels(("note", Value)))],
                        [new PolicyPort(Protocol.Tcp, 6379, 6379)]
                    ),
                ],
            }
        );
        var output = new StringWriter { NewLine = "\n" };
        format(
            new MatrixReport(
                Cluster.Complete(new(state, [], [])),
                new() { GroupBy = GroupBy.Label, LabelKey = "note" },
                TestContext.Current.CancellationToken
            ),
            output
        );
        return output.ToString();
    }

    /// <summary>A record of RFC 4180 without line breaks in it.</summary>
    private static List<string> Fields(string line) =>
        [
            .. Field()
                .Matches(line)
                .Select(static match =>
                    match.Groups["quoted"] is { Success: true } quoted
                        ? quoted.Value.Replace("\"\"", "\"", StringComparison.Ordinal)
                        : match.Groups["plain"].Value
                ),
        ];

    [GeneratedRegex(
        """(?:^|,)(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^",]*))""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Field();

    [GeneratedRegex("""(?<!\\)\|""", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Bar();

    [GeneratedRegex(
        """<script type="application/json" id="data">(?<data>.*?)</script>""",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Data();

    [GeneratedRegex("<script", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Script();

    [GeneratedRegex(
        """https?:|\ssrc=|<link|@import|url\(|fetch\(|XMLHttpRequest""",
        RegexOptions.None,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Foreign();
}
