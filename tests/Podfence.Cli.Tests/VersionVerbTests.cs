using System.Text.Json;

namespace Podfence.Cli.Tests;

public sealed class VersionVerbTests
{
    [Fact]
    public async Task Version_Text_IsThreeLinesOfNameAndValue()
    {
        var lines = (await Output("version")).TrimEnd('\n').Split('\n');

        Assert.Equal(["podfence", "runtime", "kernel"], lines.Select(l => l.Split("  ")[0].Trim()));
    }

    [Fact]
    public async Task Version_Json_SaysTheSameAsTheVersionOption()
    {
        using var json = JsonDocument.Parse(await Output("version", "-o", "json"));

        Assert.Equal((await Output("--version")).TrimEnd(), json.RootElement.GetProperty("version").GetString());
        Assert.NotEmpty(json.RootElement.GetProperty("runtime").GetString()!);
        Assert.NotEmpty(json.RootElement.GetProperty("kernel").GetString()!);
    }

    private static async Task<string> Output(params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(
            args,
            new Terminal(output, TextWriter.Null),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(0, exit);
        return output.ToString();
    }
}
