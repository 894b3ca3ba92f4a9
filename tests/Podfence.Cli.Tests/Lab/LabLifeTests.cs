using System.Text.Json;

namespace Podfence.Cli.Tests;

/// <summary>A lab from up to down, as its documentation tells it.</summary>
public sealed class LabLifeTests
{
    [Fact]
    public async Task Lab_FromUpToDown_DoesWhatItSays()
    {
        await using var lab = TestLab.Prepare();
        var up = (await lab.StartAsync()).Succeeded();
        Assert.Matches($@"^lab {lab.Name} is up \(\d+\.\d s\): 2 nodes, 3 pods, fenced\n$", up.Output);

        var status = await lab.StatusAsync();
        Assert.True(status.GetProperty("isFenced").GetBoolean());
        Assert.Equal(
            ["default/db", "default/job", "default/web"],
            status
                .GetProperty("pods")
                .EnumerateArray()
                .Select(static pod => pod.GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal)
        );
        Assert.Empty(status.GetProperty("errors").EnumerateArray());

        Assert.Equal("allow", await lab.ProbeAsync("default/job", "default/db", 6379));
        Assert.Equal("allow", await lab.ProbeAsync("198.51.100.7", "default/db", 6379));
        var matrix = (await lab.RunAsync("matrix", "--external", "198.51.100.7")).Succeeded();
        Assert.EndsWith(", 0 denied, 0 mismatches\n", matrix.Output, StringComparison.Ordinal);
        Assert.Contains("\n198.51.100.7  ", matrix.Output, StringComparison.Ordinal);

        var policy = lab.Write("policy.yaml", Samples.OnlyWeb);
        Assert.Equal(
            "NetworkPolicy default/only-web applied\n",
            (await lab.RunAsync("apply", "-f", policy)).Succeeded().Output
        );
        Assert.Equal("deny", await lab.ProbeAsync("default/job", "default/db", 6379));
        Assert.Equal("deny", await lab.ProbeAsync("default/web", "default/db", 6379, "--protocol", "udp"));
        Assert.Equal("allow", await lab.ProbeAsync("default/web", "default/db", 6379));
        Assert.Equal("allow", await lab.ProbeAsync("node:n1", "default/db", 6379));
        Assert.Equal("deny", await lab.ProbeAsync("node:n2", "default/db", 6379));

        Assert.Equal(
            "NetworkPolicy default/only-web deleted\n",
            (await lab.RunAsync("delete", "-f", policy)).Succeeded().Output
        );
        Assert.Equal("allow", await lab.ProbeAsync("default/job", "default/db", 6379));

        Assert.Equal($"lab {lab.Name} is down\n", (await lab.RunAsync("down")).Succeeded().Output);
        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task Apply_StandardInput_IsRead()
    {
        await using var lab = await TestLab.UpAsync();

        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();

        Assert.Equal("deny", await lab.ProbeAsync("default/job", "default/db", 6379));
        (await lab.RunAsync(["apply", "-f", "-"], "{oops")).FailedWith("-:1:");
        (await lab.RunAsync(["delete", "-f", "-"], Samples.OnlyWeb)).Succeeded();
        Assert.Equal("allow", await lab.ProbeAsync("default/job", "default/db", 6379));
    }

    [Fact]
    public async Task Exec_RunsInThePodsNetwork_AndPassesOnStreamsAndExitCode()
    {
        await using var lab = await TestLab.UpAsync();

        var addresses = (
            await lab.RunAsync("exec", "default/web", "--", "ip", "-json", "address", "show", "dev", "eth0")
        ).Succeeded();
        using var json = JsonDocument.Parse(addresses.Output);
        var found = json.RootElement[0]
            .GetProperty("addr_info")
            .EnumerateArray()
            .Select(static info => info.GetProperty("local").GetString()!);
        var web = (await lab.StatusAsync())
            .GetProperty("pods")
            .EnumerateArray()
            .Single(static pod => pod.GetProperty("name").GetString() == "default/web");
        Assert.Superset(
            web.GetProperty("addresses").EnumerateArray().Select(static address => address.GetString()!).ToHashSet(),
            found.ToHashSet()
        );

        var run = await lab.RunAsync(["exec", "node:n2", "--", "sh", "-c", "cat; echo no >&2; exit 7"], "in\n");
        Assert.Equal(new ProgramRun(7, "in\n", "no\n"), run);
        // What a program prints for itself, options included, is not read by podfence.
        Assert.Equal(
            "--name -f\n",
            (await lab.RunAsync("exec", "external", "--", "echo", "--name", "-f")).Succeeded().Output
        );

        (await lab.RunAsync("exec", "default/nobody", "--", "true")).FailedWith("unknown pod 'default/nobody'");
        (await lab.RunAsync("exec", "web", "--", "true")).FailedWith("NAMESPACE/POD");
        (await lab.RunAsync("exec", "default/web", "--", "no-such-program")).FailedWith("cannot run no-such-program");
        (await lab.RunAsync("exec", "default/web")).FailedWith("COMMAND");
    }

    [Fact]
    public async Task Down_WithAProgramInAPod_EndsIt()
    {
        await using var lab = await TestLab.UpAsync();
        var sleeping = lab.RunAsync("exec", "default/web", "--", "sh", "-c", "echo; exec sleep 300");
        await Eventually.TrueAsync(
            () =>
                lab.Processes()
                    .Any(static id =>
                        File.Exists($"/proc/{id}/comm") && File.ReadAllText($"/proc/{id}/comm") == "sleep\n"
                    ),
            static () => "no sleep"
        );

        (await lab.RunAsync("down")).Succeeded();

        Assert.Equal(137, (await sleeping).Exit);
        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task Output_InAPipe_HasNoEscapeSequences()
    {
        await using var lab = await TestLab.UpAsync();
        foreach (
            var line in (string[][])
                [
                    ["status"],
                    ["matrix"],
                    ["probe", "--from", "default/web"],
                    ["probe", "--from", "default/web", "-o", "json"],
                    ["--help"],
                ]
        )
        {
            // TERM says that colour would be welcome on a screen; a pipe is none.
            var info = new System.Diagnostics.ProcessStartInfo(PodfenceProgram.File)
            {
                Environment = { ["TERM"] = "xterm-256color", ["NO_COLOR"] = "" },
            };
            var arguments = line[0] == "--help" ? line : ["lab", .. line, "--name", lab.Name];
            var run = (await PodfenceProgram.RunAsync(info, arguments, null)).Succeeded();
            Assert.NotEmpty(run.Output);
            Assert.DoesNotContain('\e', run.Output);
            Assert.DoesNotContain('\e', run.Error);
        }
    }
}
