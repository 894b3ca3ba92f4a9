using System.Diagnostics;
using System.Text;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Runs iproute2 inside a namespace: one process per batch of commands, never a shell. What it says is passed on with the command that it refused.
/// </summary>
public static class IpTool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs <c>ip -batch -</c> with one command per line, in order; the first that fails ends it.</summary>
    /// <param name="where">The namespace.</param>
    /// <param name="commands">Commands without the leading <c>ip</c>.</param>
    /// <param name="cancel">Ends the wait and the program.</param>
    /// <exception cref="LabException">iproute2 is missing, refused a command or took longer than half a minute.</exception>
    public static Task RunAsync(NetworkNamespace where, IReadOnlyList<string> commands, CancellationToken cancel) =>
        RunAsync("ip", [], where, commands, cancel);

    /// <summary>As <see cref="RunAsync(NetworkNamespace, IReadOnlyList{string}, CancellationToken)"/> with a family for commands that name no address of it, such as <c>rule</c>.</summary>
    /// <param name="where">The namespace.</param>
    /// <param name="family">The family.</param>
    /// <param name="commands">Commands without the leading <c>ip</c>.</param>
    /// <param name="cancel">Ends the wait and the program.</param>
    /// <exception cref="LabException">iproute2 is missing, refused a command or took longer than half a minute.</exception>
    public static Task RunAsync(NetworkNamespace where, IpFamily family, IReadOnlyList<string> commands, CancellationToken cancel) =>
        RunAsync("ip", [family == IpFamily.IPv4 ? "-4" : "-6"], where, commands, cancel);

    /// <summary>Runs <c>bridge -batch -</c> with one command per line: forwarding entries of VXLAN devices are its, not those of <c>ip</c>.</summary>
    /// <param name="where">The namespace.</param>
    /// <param name="commands">Commands without the leading <c>bridge</c>.</param>
    /// <param name="cancel">Ends the wait and the program.</param>
    /// <exception cref="LabException">iproute2 is missing, refused a command or took longer than half a minute.</exception>
    public static Task RunBridgeAsync(NetworkNamespace where, IReadOnlyList<string> commands, CancellationToken cancel) =>
        RunAsync("bridge", [], where, commands, cancel);

    private static async Task RunAsync(string tool, string[] flags, NetworkNamespace where, IReadOnlyList<string> commands, CancellationToken cancel)
    {
        if (commands.Count == 0)
        {
            return;
        }

        var info = new ProcessStartInfo(Find(tool)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (ReadOnlySpan<string>)[.. flags, "-batch", "-"])
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        info.Environment["LC_ALL"] = "C";
        using var process = where.Start(info);
        using var limit = new CancellationTokenSource(s_limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            // Reading starts before writing, or two full pipes would wait for each other.
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var errors = process.StandardError.ReadToEndAsync(either.Token);
            await WriteAsync(process, commands, either.Token);
            await process.WaitForExitAsync(either.Token);
            await output;
            if (process.ExitCode != 0)
            {
                throw new LabException(LabError.ToolFailed, Explain(tool, where, commands, await errors));
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new LabException(LabError.ToolFailed, $"{tool} in {where.Label} did not end within {s_limit.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task WriteAsync(Process process, IReadOnlyList<string> commands, CancellationToken cancel)
    {
        var text = new StringBuilder();
        foreach (var command in commands)
        {
            text.Append(command).Append('\n');
        }

        try
        {
            await process.StandardInput.WriteAsync(text, cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended at an early command and reads no more; its exit code and its words tell why.
        }
    }

    private static string Explain(string tool, NetworkNamespace where, IReadOnlyList<string> commands, string words)
    {
        // "Command failed -:7" counts the lines of the batch.
        var mark = words.IndexOf("-:", StringComparison.Ordinal);
        var digits = mark < 0 ? default : words.AsSpan(mark + 2);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var command = int.TryParse(end < 0 ? digits : digits[..end], out var line) && line >= 1 && line <= commands.Count ? commands[line - 1] : null;
        var said = words.Trim().ReplaceLineEndings("; ");
        return command is null ? $"{tool} in {where.Label}: {said}" : $"'{tool} {command}' in {where.Label}: {said}";
    }

    private static string Find(string tool)
    {
        foreach (var folder in (ReadOnlySpan<string>)["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"])
        {
            var path = Path.Combine(folder, tool);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new LabException(LabError.ToolMissing, $"the program '{tool}' is not installed: apt-get install iproute2 (or your distribution's iproute2 package)");
    }
}
