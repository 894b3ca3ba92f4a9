using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>Revisions of a repository that the test makes.</summary>
public sealed class GitDiffTests : IDisposable
{
    private const string Pods = """
        {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: b}}, spec: {containers: [{name: c, image: i}]}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-git-").FullName;

    public GitDiffTests() => TestRepository.RequireGit();

    private TestRepository Repository => new(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Diff_CurrentFilesAgainstARevision_ReportsWhatOpened()
    {
        Write("k8s/pods.yaml", Pods);
        Write("k8s/b.yaml", Policy(80));
        await CommitAsync("first");
        Write("k8s/b.yaml", Policy(80, 443));

        var run = await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", Path.Combine(_folder, "k8s"));

        Assert.Matches(@"\nopened +default/a +default/b +443/TCP\n", run.Ended(ExitCodes.Differs).Output);
        Assert.StartsWith(
            "HEAD -> the current files: between pairs of workloads, ",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Diff_TwoRevisions_IgnoresTheCurrentFiles()
    {
        Write("k8s/pods.yaml", Pods);
        Write("k8s/b.yaml", Policy(80, 443));
        await CommitAsync("first");
        Write("k8s/b.yaml", Policy(80));
        await CommitAsync("second");
        Directory.Delete(Path.Combine(_folder, "k8s"), recursive: true);

        var run = await CommandRun.RunAsync(
            "diff",
            "--from-rev",
            "HEAD~1",
            "--to-rev",
            "HEAD",
            "-f",
            Path.Combine(_folder, "k8s")
        );

        Assert.Matches(@"\nclosed +default/a +default/b +443/TCP\n", run.Ended(ExitCodes.Differs).Output);
        Assert.Contains("NetworkPolicy default/b  HEAD:k8s/b.yaml:1", run.Output, StringComparison.Ordinal);
        (
            await CommandRun.RunAsync(
                "diff",
                "--from-rev",
                "HEAD~1",
                "--to-rev",
                "HEAD",
                "-f",
                Path.Combine(_folder, "k8s"),
                "--fail-on",
                "opened"
            )
        ).Succeeded();
    }

    [Fact]
    public async Task Diff_FoldersOfARevision_AreReadAsFoldersOfTheDisk()
    {
        Write("k8s/pods.yaml", Pods);
        Write("k8s/b.yaml", Policy(80));
        Write("k8s/.hidden.yaml", "{not a manifest");
        Write("k8s/README.md", "{not a manifest");
        Write(
            "k8s/more/deny.yaml",
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: "
                + "{matchLabels: {app: a}}}}"
        );
        File.CreateSymbolicLink(Path.Combine(_folder, "k8s/link.yaml"), "b.yaml");
        await CommitAsync("first");
        File.Delete(Path.Combine(_folder, "k8s/link.yaml"));
        var path = Path.Combine(_folder, "k8s");

        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", path)).Succeeded();
        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", path, "-R")).Succeeded();
        Directory.Delete(Path.Combine(_folder, "k8s/more"), recursive: true);
        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", path)).Succeeded();
        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", path, "-R")).Ended(ExitCodes.Differs);
    }

    [Fact]
    public async Task Diff_OneFileWithAnOddName_IsFound()
    {
        Write("k8s/pods and policies ü.txt", Pods + "\n---\n" + Policy(80));
        await CommitAsync("first");
        var path = Path.Combine(_folder, "k8s/pods and policies ü.txt");
        await File.WriteAllTextAsync(path, Pods, TestContext.Current.CancellationToken);

        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", path)).Ended(ExitCodes.Differs);
    }

    [Fact]
    public async Task Diff_FolderThatTheRevisionLacks_CountsAsNew()
    {
        Write("k8s/pods.yaml", Pods);
        await CommitAsync("first");
        Write("policies/b.yaml", Policy(80));

        var run = await CommandRun.RunAsync(
            "diff",
            "--from-rev",
            "HEAD",
            "-f",
            Path.Combine(_folder, "k8s"),
            "-f",
            Path.Combine(_folder, "policies")
        );

        Assert.Contains(
            "no manifest at this path in this revision (everything it holds now counts as added)",
            run.Ended(ExitCodes.Differs).Error,
            StringComparison.Ordinal
        );
        Assert.Contains("added  NetworkPolicy default/b", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_FaultyRevision_NamesItsFile()
    {
        Write("k8s/b.yaml", Policy(70_000));
        await CommitAsync("first");

        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", Path.Combine(_folder, "k8s"))).FailedWith(
            "the manifests have errors",
            "HEAD:k8s/b.yaml:1: error: NetworkPolicy default/b"
        );
    }

    [Theory]
    [InlineData("no-such-branch")]
    [InlineData("--output=/tmp/x")]
    [InlineData("HEAD:k8s")]
    public async Task Diff_NoSuchRevision_Fails(string revision)
    {
        Write("k8s/b.yaml", Policy(80));
        await CommitAsync("first");

        (await CommandRun.RunAsync("diff", $"--from-rev={revision}", "-f", Path.Combine(_folder, "k8s"))).FailedWith(
            $"{revision}: ",
            "no such revision in"
        );
    }

    [Fact]
    public async Task Diff_NoRepository_Fails()
    {
        Write("k8s/b.yaml", Policy(80));

        (await CommandRun.RunAsync("diff", "--from-rev", "HEAD", "-f", Path.Combine(_folder, "k8s"))).FailedWith(
            "is not in a git repository"
        );
    }

    private static string Policy(params int[] ports) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: b}}, spec: {{podSelector: "
        + $"{{matchLabels: {{app: b}}}}, ingress: [{{ports: "
        + $"[{string.Join(", ", ports.Select(static port => $"{{port: {port}}}"))}]}}]}}}}";

    private void Write(string path, string text) => Repository.Write(path, text);

    private Task CommitAsync(string message) => Repository.CommitAsync(message);
}
