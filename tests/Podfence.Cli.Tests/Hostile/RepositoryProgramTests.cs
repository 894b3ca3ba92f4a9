using System.Diagnostics;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>
/// A repository that somebody else wrote runs no program, whatever files it holds and whatever verb reads it.
/// </summary>
public sealed class RepositoryProgramTests : IDisposable
{
    private const string Pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}";
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-hostile-").FullName;

    private string Marker => Path.Combine(_folder, "ran");

    private string Work => Path.Combine(_folder, "work");

    private TestRepository Repository => new(Work);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Diff_RepositoryWithAProgramNamedGit_RunsTheGitOfThePath()
    {
        await CommitAsync();
        WriteProgram(Path.Combine(Work, "git"));
        WriteProgram(Path.Combine(Work, "k8s/git"));

        (await PodfenceAsync(Work, "diff", "--from-rev", "HEAD", "-f", "k8s")).Succeeded();
        (await PodfenceAsync(Path.Combine(Work, "k8s"), "diff", "--from-rev", "HEAD", "-f", ".")).Succeeded();

        Assert.False(File.Exists(Marker), "a program of the repository was run");
    }

    [Fact]
    public async Task Matrix_ExecPluginNamedLikeAFileOfTheFolder_RunsNothingOfTheFolder()
    {
        Write(
            "kubeconfig",
            """
            {apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}],
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: podfence-test-plugin, interactiveMode: Never}}}]}
            """
        );
        WriteProgram(Path.Combine(Work, "podfence-test-plugin"));

        var run = await PodfenceAsync(Work, "matrix", "--kubeconfig", "kubeconfig");

        run.Ended(1);
        Assert.Contains("podfence-test-plugin", run.Error, StringComparison.Ordinal);
        Assert.Contains("PATH", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Marker), "a program of the folder was run");
    }

    // git takes a folder for a repository where it has HEAD, objects and refs, and obeys its config: here a partial
    // clone whose promisor is a program.
    [Fact]
    public async Task Diff_FolderThatIsABareRepositoryAsWell_ObeysNoneOfItsConfig()
    {
        await CommitAsync();
        var program = Path.Combine(_folder, "helper");
        WriteProgram(program);
        var bare = Path.Combine(Work, "k8s");
        foreach (var folder in new[] { "objects/info", "objects/pack", "refs/heads" })
        {
            Directory.CreateDirectory(Path.Combine(bare, folder));
        }

        Write("k8s/HEAD", new string('1', 40) + "\n");
        Write(
            "k8s/config",
            $"""
            [core]
                repositoryformatversion = 1
                bare = true
            [extensions]
                partialClone = origin
            [remote "origin"]
                url = ext::{program}
                promisor = true
                partialclonefilter = blob:none
            [protocol "ext"]
                allow = always
            """
        );

        var run = await PodfenceAsync(Work, "diff", "--from-rev", new string('2', 40), "-f", "k8s");

        run.Ended(1);
        Assert.False(File.Exists(Marker), "the program that the repository's config names was run");
    }

    // The repository that git finds above is trusted to be one, its config is not: what a commit lacks is not fetched.
    [Fact]
    public async Task Diff_PartialCloneWhosePromisorIsAProgram_FetchesNothing()
    {
        await CommitAsync();
        var program = Path.Combine(_folder, "helper");
        WriteProgram(program);
        foreach (
            var (name, value) in new[]
            {
                ("core.repositoryformatversion", "1"),
                ("extensions.partialClone", "origin"),
                ("remote.origin.url", $"ext::{program}"),
                ("remote.origin.promisor", "true"),
                ("protocol.ext.allow", "always"),
                ("core.fsmonitor", program),
                ("core.sshCommand", program),
                ("core.pager", program),
                ("core.hooksPath", _folder),
            }
        )
        {
            await GitAsync("config", name, value);
        }

        var blob = (await GitAsync("rev-parse", "HEAD:k8s/pod.yaml")).Output.Trim();
        File.Delete(Path.Combine(Work, ".git/objects", blob[..2], blob[2..]));

        var missing = await PodfenceAsync(Work, "diff", "--from-rev", "HEAD", "-f", "k8s");
        var unknown = await PodfenceAsync(Work, "diff", "--from-rev", new string('2', 40), "-f", "k8s");

        missing.Ended(1);
        unknown.Ended(1);
        Assert.False(File.Exists(Marker), "the program that the repository's config names was run");
    }

    [Fact]
    public async Task Validate_FileNameThatForgesAWorkflowCommand_WritesNoLineOfItsOwn()
    {
        Write("k8s/a\n::error file=x,line=1::forged\u001b[31m.yaml", "a: b");

        foreach (var format in new[] { "text", "github" })
        {
            var run = await PodfenceAsync(Work, "validate", "-f", "k8s", "-o", format);
            var all = run.Output + run.Error;

            Assert.DoesNotContain("\n::error file=x", all, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', all);
        }
    }

    private static async Task<ProgramRun> PodfenceAsync(string folder, params string[] arguments) =>
        await PodfenceProgram.RunAsync(
            new ProcessStartInfo(PodfenceProgram.File) { WorkingDirectory = folder },
            arguments,
            null
        );

    private async Task CommitAsync()
    {
        TestRepository.RequireGit();
        Write("k8s/pod.yaml", Pod);
        await Repository.CommitAsync("first");
    }

    private Task<ProgramRun> GitAsync(params string[] arguments) => Repository.GitAsync(arguments);

    private void Write(string path, string text) => Repository.Write(path, text);

    private void WriteProgram(string path)
    {
        File.WriteAllText(path, $"#!/bin/sh\ntouch {Marker}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
