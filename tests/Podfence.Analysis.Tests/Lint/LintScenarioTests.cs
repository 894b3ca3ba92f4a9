using System.Text.RegularExpressions;
using Podfence.Evaluation;

namespace Podfence.Analysis.Tests;

/// <summary>
/// tests/scenarios/lint has a folder for each rule, ID-name: in hits.yaml every line at which the rule has to speak
/// ends in a comment with an arrow and the severity, and
/// fine.yaml has similar policies that it does not report.
/// </summary>
public sealed partial class LintScenarioTests
{
    private static readonly string s_root = Path.Combine(Clusters.RepositoryRoot, "tests/scenarios/lint");

    public static TheoryData<string> Rules => [.. LintRules.All.Select(static rule => rule.Id)];

    [Theory, MemberData(nameof(Rules))]
    public void Run_Hits_ReportsTheMarkedLines(string id)
    {
        var file = Path.Combine(FolderOf(id), "hits.yaml");
        var marked = File.ReadLines(file)
            .Select(static (line, index) => (Line: index + 1, Mark: Marker().Match(line)))
            .Where(static item => item.Mark.Success)
            .Select(static item => $"{item.Line} {item.Mark.Groups["severity"].Value}")
            .ToList();

        Assert.NotEmpty(marked);
        Assert.Equal(
            marked,
            Run(id, file)
                .Select(static finding => $"{finding.Location.Line} {finding.Severity.ToString().ToLowerInvariant()}")
                .Distinct()
        );
    }

    [Theory, MemberData(nameof(Rules))]
    public void Run_Fine_ReportsNothing(string id) =>
        Assert.Empty(
            Run(id, Path.Combine(FolderOf(id), "fine.yaml"))
                .Select(static finding => $"{finding.Location} {finding.Message}")
        );

    [Fact]
    public void Scenarios_Folders_AreThoseOfTheRules() =>
        Assert.Equal(
            LintRules.All.Select(static rule => $"{rule.Id}-{rule.Name}"),
            Directory
                .EnumerateDirectories(s_root)
                .Select(static path => Path.GetFileName(path)!)
                .Order(StringComparer.Ordinal)
        );

    private static string FolderOf(string id) => Path.Combine(s_root, $"{id}-{LintRules.Find(id)!.Name}");

    private static IReadOnlyList<LintFinding> Run(string id, string file)
    {
        var cluster = Clusters.Of(File.ReadAllText(file));
        return Linter
            .Run(cluster, new LintOptions { Rules = [LintRules.Find(id)!] }, TestContext.Current.CancellationToken)
            .Findings;
    }

    [GeneratedRegex("# <- (?<severity>[a-z]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marker();
}
