namespace Podfence.Cli.Tests;

public sealed class AgentSettingsTests
{
    [Fact]
    public void OperationsPage_ListsEverySettingWithItsVariable()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "operate", "operations.md"));
        Assert.All(AgentSettings.All, setting =>
            Assert.Contains($"| `--{setting.Name}` | `{setting.EnvironmentName}` |", page, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Chart_SetsNothingThatTheAgentDoesNotKnow()
    {
        var chart = File.ReadAllText(Path.Combine(Root(), "deploy", "helm", "podfence", "templates", "daemonset.yaml"));
        var named = System
            .Text.RegularExpressions.Regex.Matches(
                chart,
                "name: (?<name>PODFENCE_[A-Z_]+)",
                System.Text.RegularExpressions.RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1)
            )
            .Select(static match => match.Groups["name"].Value)
            .ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(AgentSettings.All.Select(static setting => setting.EnvironmentName)));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Podfence.slnx")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd('/'))!;
        }

        return folder;
    }
}
