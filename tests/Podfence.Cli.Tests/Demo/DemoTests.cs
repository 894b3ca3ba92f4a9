using System.Globalization;
using System.Text.RegularExpressions;

namespace Podfence.Cli.Tests;

/// <summary><c>podfence demo</c> as a stranger runs it.</summary>
public sealed partial class DemoTests
{
    [Theory]
    [InlineData("bridge")]
    [InlineData("routed")]
    [InlineData("vxlan")]
    public async Task Demo_OnEveryPodNetwork_ShowsWhatThePolicyDoes(string network)
    {
        PodfenceProgram.RequireRoot();
        var traces = new LabTraces();

        var run = (await PodfenceProgram.RunAsync(traces.Mark(), ["demo", "--pod-network", network], null)).Succeeded();

        var end = LastLine().Match(run.LastLine);
        Assert.True(end.Success, run.LastLine);
        Assert.InRange(int.Parse(end.Groups["count"].ValueSpan, CultureInfo.InvariantCulture), 101, int.MaxValue);
        var (before, after) = (
            Table(run.Output, "Before the policy"),
            Table(run.Output, "After applying examples/article.yaml")
        );
        Assert.All(before.Values, static cells => Assert.All(cells, static cell => Assert.Equal("yes", cell)));
        // To db's port 6379, which the policy opens to web and api alone; then to its UDP twin, to 6380 and to the
        // others.
        Assert.Equal(["yes", "-", "-", "yes", "yes"], after["partner/api"]);
        Assert.Equal(["-", "-", "-", "yes", "yes"], after["stranger/web"]);
        Assert.Equal(["yes", "-", "-", "yes", "yes", "yes"], after["172.17.0.9"]);
        Assert.Equal(["-", "-", "-", "yes", "yes", "yes"], after["172.17.1.9"]);
        Assert.Equal(["-", "yes", "-", "-", "-", "-"], after["default/db"]);
        Assert.Contains("172.17.1.9 -> default/db (10.244.", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split("6379/TCP: denied by ingress\n").Length - 1);
        Assert.Equal(1, run.Output.Split("6379/TCP: allowed\n").Length - 1);
        Assert.Contains("table inet podfence {\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("hook forward", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
        await traces.AssertNoneLeftAsync([], lab: null);
    }

    [Fact]
    public async Task Demo_CtrlC_LeavesNothing()
    {
        PodfenceProgram.RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var traces = new LabTraces();
        using var demo = PodfenceProgram.Start(traces.Mark(), ["demo"]);
        var error = demo.StandardError.ReadToEndAsync(cancel);
        Assert.StartsWith(
            "Cluster of network namespaces",
            await demo.StandardOutput.ReadLineAsync(cancel),
            StringComparison.Ordinal
        );
        var namespaces = traces.Namespaces();
        Assert.True(namespaces.Count >= 8, $"{namespaces.Count} namespaces");

        Signals.SendInterrupt(demo);

        await demo.StandardOutput.ReadToEndAsync(cancel);
        await demo.WaitForExitAsync(cancel);
        Assert.Equal((130, "podfence: interrupted"), (demo.ExitCode, (await error).TrimEnd('\n').Split('\n')[^1]));
        await traces.AssertNoneLeftAsync(namespaces, lab: null);
    }

    /// <summary>The cells of each row of the table under a title; empty ones left out.</summary>
    private static Dictionary<string, string[]> Table(string output, string title)
    {
        var lines = output
            .Split('\n')
            .SkipWhile(line => !line.StartsWith(title, StringComparison.Ordinal))
            .Skip(3)
            .TakeWhile(static line => line.Length > 0);
        return lines
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(static words => words[0], static words => words[1..]);
    }

    [GeneratedRegex(@"^demo: (?<count>\d+) flows probed, 0 mismatches$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LastLine();
}
