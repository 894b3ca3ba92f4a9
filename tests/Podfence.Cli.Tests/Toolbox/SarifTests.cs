using System.Text.Json;

namespace Podfence.Cli.Tests;

/// <summary>What the schema of SARIF 2.1.0 asks for, and what collectors do not take without.</summary>
public sealed class SarifTests
{
    [Theory]
    [InlineData("lint", "-f", "tests/scenarios/toolbox/lint", "-o", "sarif")]
    [InlineData("validate", "-f", "tests/scenarios/toolbox/validate/faulty", "-o", "sarif")]
    [InlineData("validate", "-f", "examples/article.yaml", "-o", "sarif")]
    public async Task Output_AnyRun_IsValidSarif(params string[] line)
    {
        var run = await CommandRun.RunAsync(line);

        using var log = JsonDocument.Parse(run.Output);
        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        var only = Assert.Single(log.RootElement.GetProperty("runs").EnumerateArray());
        var rules = only.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().ToList();
        Assert.Equal(rules.Count, rules.Select(static rule => rule.GetProperty("id").GetString()).Distinct().Count());
        Assert.All(rules, static rule =>
        {
            Assert.NotEmpty(Text(rule, "shortDescription"));
            Assert.NotEmpty(Text(rule, "fullDescription"));
            Assert.NotEmpty(Text(rule, "help"));
            AssertLevel(rule.GetProperty("defaultConfiguration").GetProperty("level"));
        });
        Assert.All(only.GetProperty("results").EnumerateArray(), result =>
        {
            AssertLevel(result.GetProperty("level"));
            Assert.NotEmpty(Text(result, "message"));
            Assert.Equal(
                result.GetProperty("ruleId").GetString(),
                rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString()
            );
            var place = Assert.Single(result.GetProperty("locations").EnumerateArray()).GetProperty("physicalLocation");
            Assert.True(
                Uri.IsWellFormedUriString(
                    place.GetProperty("artifactLocation").GetProperty("uri").GetString(),
                    UriKind.RelativeOrAbsolute
                )
            );
            Assert.True(place.GetProperty("region").GetProperty("startLine").GetInt32() > 0);
        });
    }

    private static string Text(JsonElement at, string name) => at.GetProperty(name).GetProperty("text").GetString()!;

    private static void AssertLevel(JsonElement level) =>
        Assert.Contains(level.GetString(), new[] { "error", "warning", "note" });
}
