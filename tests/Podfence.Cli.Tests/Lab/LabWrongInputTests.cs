using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>What cannot be done is told on the error stream with exit code 1, and nothing is started.</summary>
public sealed class LabWrongInputTests
{
    public static TheoryData<string[], string> WrongLines =>
        new()
        {
            { ["lab", "up"], "Option '--filename' is required." },
            { ["lab", "apply"], "Option '--filename' is required." },
            { ["lab"], "Required command was not provided." },
            { ["lab", "upp"], "upp" },
            { ["lab", "up", "-f", "/no/such/folder"], "/no/such/folder: error: no such file or folder" },
            { ["lab", "up", "-f", "x", "--pod-network", "7"], "--pod-network 7: write bridge or routed or vxlan" },
            { ["lab", "up", "-f", "x", "--deny-action", "ignore"], "--deny-action ignore: write reject or drop" },
            {
                ["lab", "up", "-f", "x", "--dataplane", "ebpf"],
                "nftables or iptables or iptables-nft or iptables-legacy or auto"
            },
            { ["lab", "up", "-f", "/dev/null", "--name", "../x"], "'../x' is not a valid lab name" },
            { ["lab", "probe", "--timeout", "-1"], "--timeout -1: write seconds" },
            { ["lab", "probe", "--timeout", "1e300"], "--timeout 1e300: write seconds" },
            { ["lab", "probe", "--protocol", "icmp"], "--protocol icmp: write tcp or udp" },
            { ["lab", "matrix", "--family", "6"], "--family 6: write ipv4 or ipv6" },
            { ["demo", "--pod-network", "token-ring"], "--pod-network token-ring: write bridge or routed or vxlan" },
        };

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task Run_WrongLine_SaysWhatIsWrong(string[] line, string expected)
    {
        var traces = new LabTraces();

        var run = await PodfenceProgram.RunAsync(traces.Mark(), line, null);

        run.FailedWith(expected);
        Assert.DoesNotContain("Exception", run.Error, StringComparison.Ordinal);
        Assert.Empty(traces.Processes());
    }

    [Theory]
    [InlineData("status")]
    [InlineData("matrix")]
    [InlineData("down")]
    [InlineData("probe", "--from", "a/b")]
    [InlineData("exec", "a/b", "--", "true")]
    public async Task Run_LabThatIsNotUp_SaysHowToStartIt(params string[] verb)
    {
        await using var lab = TestLab.Prepare();

        (await lab.RunAsync(verb)).FailedWith(
            $"lab '{lab.Name}' is not up: start it with 'podfence lab up -f FOLDER --name {lab.Name}'"
        );
    }

    [Fact]
    public async Task Up_BadManifests_NamesEveryFaultWithPlaceFieldAndRemedy()
    {
        await using var lab = TestLab.Prepare();
        var file = lab.Write(
            "manifests/policy.yaml",
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p}
            spec:
              podSelector: {}
              ingres: []
              egress:
              - to: [{ipBlock: {cidr: 10.0.0.1/24}}]
                ports: [{port: 70000}]
            """
        );

        var run = (await lab.StartAsync()).FailedWith(
            $"{file}:6: error: NetworkPolicy default/p: ",
            "spec.ingres",
            "did you mean",
            $"{file}:9: error: ",
            "spec.egress[0].ports[0].port"
        );

        Assert.DoesNotContain("…", run.Error, StringComparison.Ordinal);
        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task Up_ImpossibleCluster_IsRefused()
    {
        await using var lab = TestLab.Prepare(
            Samples
                .Cluster.Replace(
                    "metadata: {name: job",
                    "status: {podIP: 10.1.1.1}\nmetadata: {name: job",
                    StringComparison.Ordinal
                )
                .Replace(
                    "metadata: {name: db",
                    "status: {podIP: 10.1.1.1}\nmetadata: {name: db",
                    StringComparison.Ordinal
                )
        );

        (await lab.StartAsync()).FailedWith("10.1.1.1", "default/db", "default/job");

        await lab.AssertGoneAsync();
    }

    [Fact]
    public async Task Run_WrongThingsInALabThatIsUp_LeaveItAsItIs()
    {
        await using var lab = await TestLab.UpAsync();
        var processes = lab.Processes();

        (await lab.StartAsync()).FailedWith($"lab '{lab.Name}' is already up", "podfence lab down", "--name");
        (await lab.RunAsync("probe", "--from", "default/webb", "--to", "default/db")).FailedWith(
            "default/webb",
            "did you mean default/web?"
        );
        (await lab.RunAsync("probe", "--to", "node:n1")).FailedWith("--port is missing");
        (await lab.RunAsync("probe", "--from", "default/web", "--to", "default/db", "--port", "0")).FailedWith(
            "--port 0: ports are 1 to 65535"
        );
        (await lab.RunAsync("probe", "--from", "nonsense", "--to", "default/db")).FailedWith("--from nonsense: ");
        (await lab.RunAsync("matrix", "--external", "here")).FailedWith("--external here: not an IP address");
        (await lab.RunAsync("apply", "-f", "/no/such/file")).FailedWith("/no/such/file: error: no such file or folder");
        (
            await lab.RunAsync(
                ["apply", "-f", "-"],
                Samples.OnlyWeb.Replace("port: 6379", "port: 0", StringComparison.Ordinal)
            )
        ).FailedWith("-:6: error: NetworkPolicy default/only-web: spec.ingress[0].ports[0].port");

        Assert.Equal(processes, lab.Processes());
        Assert.Equal("allow", await lab.ProbeAsync("default/web", "default/db", 6379));
    }
}
