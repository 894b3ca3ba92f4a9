using System.Globalization;
using System.Text;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>A file of a revision.</summary>
/// <param name="Path">Its path from the top of the repository.</param>
/// <param name="Id">The object that is its content.</param>
/// <param name="Size">Bytes.</param>
internal sealed record GitFile(string Path, string Id, long Size);

/// <summary>Reads revisions with git. Nothing is checked out, and no shell is involved.</summary>
/// <param name="folder">A folder of the work tree.</param>
internal sealed class GitRepository(string folder)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly KeyValuePair<string, string>[] s_environment =
    [
        KeyValuePair.Create("LC_ALL", "C"),
        KeyValuePair.Create("GIT_OPTIONAL_LOCKS", "0"),
        KeyValuePair.Create("GIT_TERMINAL_PROMPT", "0"),
        // A partial clone fetches what it lacks by the helper that its config names: no protocol is allowed, and
        // nothing is fetched.
        KeyValuePair.Create("GIT_ALLOW_PROTOCOL", "none"),
        KeyValuePair.Create("GIT_NO_LAZY_FETCH", "1"),
        KeyValuePair.Create("GIT_PAGER", "cat"),
        // Replacement objects would show another content than the one that was committed.
        KeyValuePair.Create("GIT_NO_REPLACE_OBJECTS", "1"),
    ];

    // The repository and its config may be untrusted. A bare repository inside a work tree is ignored,
    // and every program that a config can name is overridden.
    private static readonly string[] s_distrust =
    [
        "--no-pager",
        "-c",
        "safe.bareRepository=explicit",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.askPass=",
        "-c",
        "credential.helper=",
        "-c",
        "core.sshCommand=false",
        "-c",
        "core.alternateRefsCommand=false",
    ];

    /// <summary>The commit that a revision names.</summary>
    /// <exception cref="CliException">There is none, or the folder is not in a repository.</exception>
    public async Task<string> CommitAsync(string revision, CancellationToken cancel)
    {
        // A word that begins with a hyphen could be read as an option; revisions never begin with one.
        var run =
            revision.StartsWith('-') || revision.Length == 0
                ? null
                : await RunAsync(
                    ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"],
                    [],
                    cancel
                );
        return run is { ExitCode: 0 }
            ? run.OutputText.Trim()
            : throw new CliException(
                $"{revision}: no such revision in {folder} (git log --oneline lists some; a shallow clone has few "
                    + $"of them)"
            );
    }

    /// <summary>
    /// The path of the folder from the top of the repository, with a slash at the end; empty for the top.
    /// </summary>
    /// <exception cref="CliException">The folder is not in a repository.</exception>
    public async Task<string> PrefixAsync(CancellationToken cancel)
    {
        var run = await RunAsync(["rev-parse", "--show-prefix"], [], cancel);
        return run.ExitCode == 0
            ? run.OutputText.TrimEnd('\n')
            : throw new CliException($"{folder} is not in a git repository: {run.ErrorText.Trim()}");
    }

    /// <summary>The files below a path of a commit, or the one file of that path.</summary>
    /// <param name="commit">Its name, in full.</param>
    /// <param name="path">From the top of the repository; empty for everything.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<IReadOnlyList<GitFile>> FilesAsync(string commit, string path, CancellationToken cancel)
    {
        var run = await RunAsync(
            ["ls-tree", "-r", "-z", "-l", "--full-tree", commit, .. path.Length > 0 ? new[] { "--", path } : []],
            [],
            cancel
        );
        return run.ExitCode == 0
            ? [.. run.OutputText.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(FileOf).OfType<GitFile>()]
            : throw new CliException($"git ls-tree {commit}: {run.ErrorText.Trim()}");
    }

    /// <summary>The contents of files, in their order.</summary>
    public async Task<IReadOnlyList<byte[]>> ContentsAsync(IReadOnlyList<GitFile> files, CancellationToken cancel)
    {
        var run = await RunAsync(
            ["cat-file", "--batch"],
            Encoding.ASCII.GetBytes(string.Concat(files.Select(static file => file.Id + "\n"))),
            cancel
        );
        if (run.ExitCode != 0)
        {
            throw new CliException($"git cat-file: {run.ErrorText.Trim()}");
        }

        var contents = new List<byte[]>(files.Count);
        var rest = run.Output.AsSpan();
        foreach (var file in files)
        {
            // OBJECT blob SIZE, the content, and the end of a line.
            var head = rest.IndexOf((byte)'\n');
            if (
                head < 0
                || !Encoding
                    .ASCII.GetString(rest[..head])
                    .StartsWith($"{file.Id} blob {file.Size}", StringComparison.Ordinal)
                || rest.Length < head + file.Size + 2
            )
            {
                throw new CliException(
                    $"git cat-file: {file.Path} is not available in this clone (a partial clone gets it with git fetch)"
                );
            }

            contents.Add(rest.Slice(head + 1, (int)file.Size).ToArray());
            rest = rest[(head + 1 + (int)file.Size + 1)..];
        }

        return contents;
    }

    // MODE TYPE OBJECT SIZE, a tab, and the path. Links and submodules are not files.
    private static GitFile? FileOf(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        return
            line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                is ["100644" or "100755", "blob", var id, var size]
            ? new(line[(tab + 1)..], id, long.Parse(size, CultureInfo.InvariantCulture))
            : null;
    }

    private async Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, byte[] input, CancellationToken cancel)
    {
        var path = ProgramPath.Find("git", Environment.GetEnvironmentVariable("PATH"))
            ?? throw new CliException(
                "git is needed to read revisions, and is not on the PATH (the current folder is not searched): "
                    + "install git"
            );
        var request = new ProgramRequest(path, [.. s_distrust, .. arguments])
        {
            Input = input,
            InheritsEnvironment = true,
            Environment = s_environment,
            WorkingFolder = folder,
            Timeout = s_timeout,
        };
        try
        {
            return await ProgramRunner.RunAsync(request, TimeProvider.System, cancel);
        }
        catch (ProgramException fault)
        {
            throw new CliException(
                $"git {arguments[0]} "
                    + $"{(fault.Failure == ProgramFailure.CannotStart ? "cannot be started: " : "")}{fault.Message}",
                fault
            );
        }
    }
}
