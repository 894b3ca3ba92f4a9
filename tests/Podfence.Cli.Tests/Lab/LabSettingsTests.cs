namespace Podfence.Cli.Tests;

/// <summary>The choices that a lab is started with.</summary>
public sealed class LabSettingsTests
{
    [Fact]
    public async Task RefusalDrop_DeniedFlows_GetNoAnswer()
    {
        await using var lab = await TestLab.UpAsync("--deny-action", "drop");
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();

        foreach (var protocol in (string[])["tcp", "udp"])
        {
            var denied = (
                await lab.RunAsync(
                    "probe",
                    "--from",
                    "default/job",
                    "--to",
                    "default/db",
                    "--port",
                    "6379",
                    "--timeout",
                    "0.4",
                    "--protocol",
                    protocol
                )
            ).Succeeded();
            Assert.Equal(2, denied.Output.Split("deny (no reply)").Length - 1);
        }

        Assert.Equal("allow", await lab.ProbeAsync("default/web", "default/db", 6379));
    }

    [Fact]
    public async Task RefusalReject_DeniedFlows_AreAnsweredAtOnce()
    {
        await using var lab = await TestLab.UpAsync("--deny-action", "reject");
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();

        foreach (var protocol in (string[])["tcp", "udp"])
        {
            var denied = (
                await lab.RunAsync(
                    "probe",
                    "--from",
                    "default/job",
                    "--to",
                    "default/db",
                    "--port",
                    "6379",
                    "--timeout",
                    "5",
                    "--protocol",
                    protocol
                )
            ).Succeeded();
            Assert.Equal(2, denied.Output.Split("deny (refused)").Length - 1);
        }
    }

    [Theory]
    [InlineData("allow", "allow")]
    [InlineData(null, "deny")]
    public async Task OwnNodeEgress_PodThatSendsNothing_ReachesItsNodeOnlyWhereAllowed(string? choice, string expected)
    {
        await using var lab = await TestLab.UpAsync(choice is null ? [] : ["--pod-to-node", choice]);
        (await lab.RunAsync(["apply", "-f", "-"], Samples.SilentWeb)).Succeeded();

        Assert.Equal(expected, await lab.ProbeAsync("default/web", "node:n1", 9999));
        Assert.Equal("deny", await lab.ProbeAsync("default/web", "node:n2", 9999));
        Assert.Equal("deny", await lab.ProbeAsync("default/web", "default/db", 6379));
    }

    [Fact]
    public async Task NoBridgeNetfilter_FencedPodOnABridge_FailsAtOnceWithTheRemedy()
    {
        await using var lab = TestLab.Prepare();
        lab.Write("manifests/policy.yaml", Samples.OnlyWeb);
        var start = TimeProvider.System.GetTimestamp();

        (await lab.StartAsync("--no-bridge-netfilter")).FailedWith(
            "node n1: BridgeNetfilterOff: net.bridge.bridge-nf-call-iptables is off",
            "modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1"
        );

        // It does not go away by itself, so nobody is kept waiting for it.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 15);
        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task NoBridgeNetfilter_PolicyThatComesLater_IsToldAndHealsWithTheSetting()
    {
        await using var lab = await TestLab.UpAsync("--no-bridge-netfilter");

        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).FailedWith(
            "net.bridge.bridge-nf-call-iptables is off"
        );
        Assert.False((await lab.StatusAsync()).GetProperty("isFenced").GetBoolean());
        (
            await lab.RunAsync(
                "exec",
                "node:n1",
                "--",
                "sysctl",
                "-qw",
                "net.bridge.bridge-nf-call-iptables=1",
                "net.bridge.bridge-nf-call-ip6tables=1"
            )
        ).Succeeded();

        await Eventually.TrueAsync(
            async () => (await lab.StatusAsync()).GetProperty("isFenced").GetBoolean(),
            static () => "not fenced"
        );
        Assert.Equal("deny", await lab.ProbeAsync("default/job", "default/db", 6379));
    }

    [Fact]
    public async Task NoBridgeNetfilter_RoutedPods_AreFenced()
    {
        await using var lab = TestLab.Prepare();
        lab.Write("manifests/policy.yaml", Samples.OnlyJob);
        (await lab.StartAsync("--no-bridge-netfilter", "--pod-network", "routed")).Succeeded();

        Assert.Equal("deny", await lab.ProbeAsync("default/web", "default/db", 6379));
        Assert.Equal("allow", await lab.ProbeAsync("default/job", "default/db", 6379));
    }

    [Fact]
    public async Task NoFence_Policy_ChangesNothingAndTheProbeSaysSo()
    {
        await using var lab = await TestLab.UpAsync("--no-fence");
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();

        var run = (await lab.RunAsync("probe", "--from", "default/job", "--to", "default/db", "--port", "6379")).Ended(
            ExitCodes.Differs
        );

        Assert.Equal("2 flows probed, 2 allowed, 0 denied, 2 mismatches", run.LastLine);
    }
}
