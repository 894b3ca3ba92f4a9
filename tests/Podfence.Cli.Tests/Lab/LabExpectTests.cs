namespace Podfence.Cli.Tests;

/// <summary><c>podfence lab probe --expect</c>: files that say what packets are to do.</summary>
public sealed class LabExpectTests
{
    [Fact]
    public async Task Expect_FilesOfAllKinds_AreMeasuredOrRefused()
    {
        await using var lab = await TestLab.UpAsync();
        (await lab.RunAsync(["apply", "-f", "-"], Samples.OnlyWeb)).Succeeded();

        var right = lab.Write("right.yaml", Samples.Expect("allow", "deny"));
        var run = (await lab.RunAsync("probe", "--expect", right)).Succeeded();
        Assert.Equal("4 flows probed, 2 allowed, 2 denied, 0 mismatches", run.LastLine);

        var wrong = lab.Write("wrong.yaml", Samples.Expect("allow", "allow"));
        run = (await lab.RunAsync("probe", "--expect", right, "--expect", wrong)).Ended(ExitCodes.Differs);
        Assert.Equal("8 flows probed, 4 allowed, 4 denied, 2 mismatches", run.LastLine);
        Assert.Contains($"MISMATCH {wrong}:3: who job is\n", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);

        var globs = lab.Write(
            "globs.yaml",
            """
            expect:
            - {from: "node:n1", to: "default/*", port: 9, verdict: allow, family: ipv4}
            - {from: "*/*", to: default/db, protocol: UDP, port: 53, verdict: deny, family: ipv6}
            - {from: 198.51.100.7, to: "*/db", port: 6379, verdict: deny}
            """
        );
        run = (await lab.RunAsync("probe", "--expect", globs)).Succeeded();
        Assert.Equal("6 flows probed, 3 allowed, 3 denied, 0 mismatches", run.LastLine);

        var bad = lab.Write(
            "bad.yaml",
            """
            expect:
            - {from: default/web, to: default/db, port: 6379, verdict: maybe}
            - {from: default/web, to: default/db, prt: 6379, verdict: allow}
            """
        );
        (await lab.RunAsync("probe", "--expect", bad)).FailedWith(
            $"{bad}:2: error: ",
            "verdict",
            $"{bad}:3: error: ",
            "prt"
        );

        var nobody = lab.Write(
            "nobody.yaml",
            """
            expect:
            - {from: default/web, to: default/db, port: 6379, verdict: allow}
            - {from: "shop/*", to: default/db, port: 6379, verdict: allow}
            """
        );
        (await lab.RunAsync("probe", "--expect", nobody)).FailedWith($"{nobody}:3: error: ", "shop/*");

        (await lab.RunAsync("probe", "--expect", lab.Write("empty.yaml", "expect: []\n"))).FailedWith("empty.yaml");
        (await lab.RunAsync("probe", "--expect", "missing.yaml")).FailedWith(
            "missing.yaml: error: no such file or folder"
        );
    }
}
