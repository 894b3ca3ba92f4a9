using System.Diagnostics;

namespace Podfence.Cli.Tests;

/// <summary>Colour on a screen: a pseudo terminal, which <c>script</c> of util-linux makes.</summary>
public sealed class LabScreenTests
{
    [Fact]
    public async Task Matrix_OnAScreen_IsColouredUnlessNoColorIsSet()
    {
        PodfenceProgram.RequireRoot();
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "no /usr/bin/script (bsdutils) to make a screen");
        await using var lab = await TestLab.UpAsync();

        Assert.Contains("\e[32m", await MatrixAsync(lab, noColor: ""), StringComparison.Ordinal);
        Assert.DoesNotContain("\e[32m", await MatrixAsync(lab, noColor: "1"), StringComparison.Ordinal);
    }

    private static async Task<string> MatrixAsync(TestLab lab, string noColor)
    {
        var info = new ProcessStartInfo("/usr/bin/script")
        {
            Environment = { ["TERM"] = "xterm-256color", ["NO_COLOR"] = noColor },
        };
        var line = $"'{PodfenceProgram.File}' lab matrix --name {lab.Name}";
        var run = (
            await PodfenceProgram.RunAsync(info, ["--quiet", "--return", "--command", line, "/dev/null"], null)
        ).Succeeded();
        Assert.Contains("default/db:6379", run.Output, StringComparison.Ordinal);
        return run.Output;
    }
}
