using System.Diagnostics;

namespace Podfence.Cli.Tests;

/// <summary>A git repository that a test makes in a folder, and its files.</summary>
internal sealed class TestRepository(string folder)
{
    private static readonly string[] s_author =
    [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.test",
        "-c",
        "commit.gpgsign=false",
    ];

    /// <summary>Tests that need git are skipped without it, and say so.</summary>
    public static void RequireGit() =>
        Assert.SkipUnless(File.Exists("/usr/bin/git"), "there is no git on this machine");

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        File.WriteAllText(Path.Combine(folder, path), text);
    }

    public async Task CommitAsync(string message)
    {
        await GitAsync("init", "--quiet");
        await GitAsync("add", "--all");
        await GitAsync([.. s_author, "commit", "--quiet", "-m", message]);
    }

    public async Task<ProgramRun> GitAsync(params string[] arguments)
    {
        var git = new ProcessStartInfo("/usr/bin/git") { WorkingDirectory = folder };
        return (await PodfenceProgram.RunAsync(git, arguments, null)).Succeeded();
    }
}
