using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Podfence.Cli;

/// <summary>A file of a revision.</summary>
/// <param name="Path">Its path from the top of the repository.</param>
/// <param name="Id">The object that is its content.</param>
/// <param name="Size">Bytes.</param>
internal sealed record GitFile(string Path, string Id, long Size);

/// <summary>Asks git what a revision holds. Nothing is checked out, and no shell is between.</summary>
/// <param name="folder">A folder of the work tree.</param>
internal sealed class GitRepository(string folder)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The commit that a revision names.</summary>
    /// <exception cref="CliException">There is none, or this is no repository.</exception>
    public async Task<string> CommitAsync(string revision, CancellationToken cancel)
    {
        // A word that begins with a hyphen would be an option to some commands; no revision does.
        var run = revision.StartsWith('-') || revision.Length == 0 ? null : await RunAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], [], cancel);
        return run is { Exit: 0 } ? run.Text.Trim() : throw new CliException($"{revision}: {folder} has no such revision (git log --oneline lists some; a shallow clone has few of them)");
    }

    /// <summary>The path of the folder from the top of the repository, with a slash behind it; empty for the top.</summary>
    /// <exception cref="CliException">This is no repository.</exception>
    public async Task<string> PrefixAsync(CancellationToken cancel)
    {
        var run = await RunAsync(["rev-parse", "--show-prefix"], [], cancel);
        return run.Exit == 0 ? run.Text.TrimEnd('\n') : throw new CliException($"{folder} is in no git repository: {run.Error.Trim()}");
    }

    /// <summary>The files below a path of a commit, or the one file of that path.</summary>
    /// <param name="commit">Its name, in full.</param>
    /// <param name="path">From the top of the repository; empty for everything.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<GitFile>> FilesAsync(string commit, string path, CancellationToken cancel)
    {
        var run = await RunAsync(["ls-tree", "-r", "-z", "-l", "--full-tree", commit, .. path.Length > 0 ? new[] { "--", path } : []], [], cancel);
        return run.Exit == 0
            ? [.. run.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(FileOf).OfType<GitFile>()]
            : throw new CliException($"git ls-tree {commit}: {run.Error.Trim()}");
    }

    /// <summary>The contents of files, in their order.</summary>
    public async Task<IReadOnlyList<byte[]>> ContentsAsync(IReadOnlyList<GitFile> files, CancellationToken cancel)
    {
        var run = await RunAsync(["cat-file", "--batch"], Encoding.ASCII.GetBytes(string.Concat(files.Select(static file => file.Id + "\n"))), cancel);
        if (run.Exit != 0)
        {
            throw new CliException($"git cat-file: {run.Error.Trim()}");
        }

        var contents = new List<byte[]>(files.Count);
        var rest = run.Output.AsSpan();
        foreach (var file in files)
        {
            // OBJECT blob SIZE, the content, and the end of a line.
            var head = rest.IndexOf((byte)'\n');
            if (head < 0 || !Encoding.ASCII.GetString(rest[..head]).StartsWith($"{file.Id} blob {file.Size}", StringComparison.Ordinal) || rest.Length < head + file.Size + 2)
            {
                throw new CliException($"git cat-file: {file.Path} is not to be had (a partial clone fetches it with git fetch)");
            }

            contents.Add(rest.Slice(head + 1, (int)file.Size).ToArray());
            rest = rest[(head + 1 + (int)file.Size + 1)..];
        }

        return contents;
    }

    // MODE TYPE OBJECT SIZE, a tab, and the path. Links and other repositories are no files.
    private static GitFile? FileOf(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        return line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["100644" or "100755", "blob", var id, var size] ? new(line[(tab + 1)..], id, long.Parse(size, CultureInfo.InvariantCulture)) : null;
    }

    private async Task<GitRun> RunAsync(IReadOnlyList<string> arguments, byte[] input, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("git")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            Environment = { ["LC_ALL"] = "C", ["GIT_OPTIONAL_LOCKS"] = "0", ["GIT_TERMINAL_PROMPT"] = "0" },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var limit = new CancellationTokenSource(s_patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var process = Start(start);
        try
        {
            using var output = new MemoryStream();
            // Both are read while it is written to: either pipe may fill up.
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, either.Token);
            var error = process.StandardError.ReadToEndAsync(either.Token);
            await WriteAsync(process, input, either.Token);
            await process.WaitForExitAsync(either.Token);
            await reading;
            return new(process.ExitCode, output.ToArray(), await error);
        }
        catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
        {
            throw new CliException($"git {arguments[0]} did not end within {s_patience.TotalSeconds:0} s", late);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task WriteAsync(Process process, byte[] input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new CliException($"revisions are read by git, which cannot be run: {fault.Message}", fault);
        }
    }

    private sealed record GitRun(int Exit, byte[] Output, string Error)
    {
        public string Text => Encoding.UTF8.GetString(Output);
    }
}
