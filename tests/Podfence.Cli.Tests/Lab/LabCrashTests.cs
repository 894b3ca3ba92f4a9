using System.Text.Json;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>Processes of a lab that die.</summary>
public sealed class LabCrashTests
{
    [Fact]
    public async Task Fence_Killed_IsStartedAgainAndKnowsEverything()
    {
        await using var lab = await TestLab.UpAsync();
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();
        var before = Node(await lab.StatusAsync());
        Assert.Equal(0, before.GetProperty("fenceRestarts").GetInt32());
        var fence = before.GetProperty("fenceProcessId").GetInt32();
        Assert.Contains(fence, lab.Processes());

        Signals.Kill(fence);

        // The rules stand while nobody is there to keep them.
        Assert.Equal("deny", await lab.ProbeAsync("default/job", "default/db", 6379));
        await Eventually.TrueAsync(
            async () =>
                Node(await lab.StatusAsync()) is var now
                && now.GetProperty("fenceRestarts").GetInt32() == 1
                && now.TryGetProperty("fenceProcessId", out var id)
                && id.ValueKind == JsonValueKind.Number
                && id.GetInt32() != fence,
            static () => "the fence was not started again"
        );
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyJob)).Succeeded();
        Assert.Equal("allow", await lab.ProbeAsync("default/job", "default/db", 6379));
        Assert.Equal("deny", await lab.ProbeAsync("default/web", "default/db", 6379));
        Assert.True((await lab.StatusAsync()).GetProperty("isFenced").GetBoolean());
    }

    [Fact]
    public async Task Daemon_Killed_LeavesNothingAndTheNameIsFree()
    {
        await using var lab = await TestLab.UpAsync();
        var daemon = (await lab.StatusAsync()).GetProperty("processId").GetInt32();
        Assert.Equal(3, lab.Processes().Count);

        Signals.Kill(daemon);

        await lab.AssertGoneAsync(socketMayBeLeft: true);
        (await lab.RunAsync("status")).FailedWith("is not up");
        (await lab.StartAsync()).Succeeded();
        Assert.Equal("allow", await lab.ProbeAsync("default/web", "default/db", 6379));
        (await lab.RunAsync("down")).Succeeded();
        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task Up_CtrlC_LeavesNothing()
    {
        await using var lab = TestLab.Prepare();
        var cancel = TestContext.Current.CancellationToken;
        using var up = lab.Begin("up", "-f", lab.Manifests);
        Assert.Equal("… network of 2 nodes (bridge)", await up.StandardError.ReadLineAsync(cancel));

        Signals.SendInterrupt(up);

        var error = await up.StandardError.ReadToEndAsync(cancel);
        await up.WaitForExitAsync(cancel);
        Assert.Equal(130, up.ExitCode);
        Assert.EndsWith("podfence: interrupted\n", error, StringComparison.Ordinal);
        Assert.Empty(await up.StandardOutput.ReadToEndAsync(cancel));
        await lab.AssertGoneAsync();
    }

    private static JsonElement Node(JsonElement status) =>
        status
            .GetProperty("nodes")
            .EnumerateArray()
            .Single(static node => node.GetProperty("name").GetString() == "n1");
}
