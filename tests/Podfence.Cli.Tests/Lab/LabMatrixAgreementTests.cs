using System.Text.Json;

namespace Podfence.Cli.Tests;

/// <summary>
/// <c>podfence matrix</c> of manifests against <c>podfence lab matrix</c>, which asks packets, of the same manifests.
/// </summary>
public sealed class LabMatrixAgreementTests
{
    [Fact]
    public async Task Matrix_OfTheArticle_IsWhatPacketsDo()
    {
        var article = await File.ReadAllTextAsync(
            Path.Combine(CommandRun.Root, "examples/article.yaml"),
            TestContext.Current.CancellationToken
        );
        await using var lab = TestLab.Prepare(article);
        (await lab.StartAsync()).Succeeded();
        using var measured = JsonDocument.Parse(
            (
                await lab.RunAsync(
                    "matrix",
                    "-o",
                    "json",
                    "--external",
                    "172.17.0.9",
                    "--external",
                    "172.17.1.9",
                    "--family",
                    "ipv4"
                )
            )
                .Succeeded()
                .Output
        );
        using var said = JsonDocument.Parse(
            (await CommandRun.RunAsync("matrix", "-f", "examples/article.yaml", "--group-by", "pod", "-o", "json"))
                .Succeeded()
                .Output
        );
        var open = said
            .RootElement.GetProperty("connections")
            .EnumerateArray()
            .ToDictionary(
                static pair => (Text(pair, "from"), Text(pair, "to")),
                static pair => pair.GetProperty("flows")[0]
            );

        var flows = measured
            .RootElement.EnumerateArray()
            .Where(static flow => !Text(flow, "from").StartsWith("node:", StringComparison.Ordinal))
            .ToList();

        Assert.True(flows.Count > 20, $"only {flows.Count} flows were measured");
        Assert.All(flows, flow =>
            Assert.Equal(
                Text(flow, "measured") == "allow",
                IsOpen(open[(GroupOf(Text(flow, "from")), Text(flow, "to"))], flow.GetProperty("port").GetInt32())
            )
        );
    }

    private static string GroupOf(string end) =>
        end switch
        {
            "172.17.0.9" => "external 172.17.0.0/16 except 172.17.1.0/24",
            "172.17.1.9" => "external (others)",
            _ => end,
        };

    private static bool IsOpen(JsonElement flow, int port) =>
        flow.GetProperty("ports")
            .EnumerateArray()
            .Any(range =>
                Text(range, "protocol") == "TCP"
                && range.GetProperty("first").GetInt32() <= port
                && port <= range.GetProperty("last").GetInt32()
            );

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
