namespace Podfence.Cli.Tests;

/// <summary>A lab follows its files as they change.</summary>
public sealed class LabFollowTests
{
    [Fact]
    public async Task Folder_PolicyAddedChangedAndRemoved_IsFollowed()
    {
        await using var lab = await TestLab.UpAsync();
        await AgreesAsync(lab, web: "allow", job: "allow");

        lab.Write("manifests/policy.yaml", Samples.OnlyWeb);
        await AgreesAsync(lab, web: "allow", job: "deny");

        lab.Write("manifests/policy.yaml", Samples.OnlyJob);
        await AgreesAsync(lab, web: "deny", job: "allow");

        File.Delete(Path.Combine(lab.Manifests, "policy.yaml"));
        await AgreesAsync(lab, web: "allow", job: "allow");
    }

    [Fact]
    public async Task Folder_FileWithAFault_IsToldAndTheFenceStands()
    {
        await using var lab = await TestLab.UpAsync();
        lab.Write("manifests/policy.yaml", Samples.OnlyWeb);
        await AgreesAsync(lab, web: "allow", job: "deny");

        lab.Write(
            "manifests/policy.yaml",
            Samples.OnlyWeb.Replace(
                "podSelector: {matchLabels: {app: db}}",
                "podSelektor: {}",
                StringComparison.Ordinal
            )
        );

        await Eventually.TrueAsync(
            async () => (await lab.StatusAsync()).GetProperty("errors").GetArrayLength() == 1,
            static () => "the status tells no error"
        );
        var error = (await lab.StatusAsync()).GetProperty("errors")[0].GetString()!;
        Assert.Contains(
            "manifests/policy.yaml:5: error: NetworkPolicy default/only-web: ",
            error,
            StringComparison.Ordinal
        );
        Assert.Contains("podSelektor", error, StringComparison.Ordinal);
        Assert.Contains(error, (await lab.RunAsync("status")).Succeeded().Output, StringComparison.Ordinal);
        await AgreesAsync(lab, web: "allow", job: "deny");

        lab.Write("manifests/policy.yaml", Samples.OnlyWeb);
        await Eventually.TrueAsync(
            async () => (await lab.StatusAsync()).GetProperty("errors").GetArrayLength() == 0,
            static () => "the status tells the mended error"
        );
    }

    [Fact]
    public async Task StandardInput_BesideAFolderThatChanges_GoesOnToHold()
    {
        await using var lab = TestLab.Prepare();
        (await lab.RunAsync(["up", "-f", "-", "-f", lab.Manifests], Samples.OnlyWeb)).Succeeded();
        await AgreesAsync(lab, web: "allow", job: "deny");

        lab.Write("manifests/policy.yaml", Samples.SilentWeb);

        await AgreesAsync(lab, web: "deny", job: "deny");
    }

    /// <summary>Within a few seconds packets do what is expected of them.</summary>
    private static async Task AgreesAsync(TestLab lab, string web, string job)
    {
        var file = lab.Write("expect.yaml", Samples.Expect(web, job));
        ProgramRun? last = null;
        await Eventually.TrueAsync(
            async () => (last = await lab.RunAsync("probe", "--expect", file)).Exit == 0,
            () => $"packets do something else\n{last!.Output}{last.Error}"
        );
    }
}
