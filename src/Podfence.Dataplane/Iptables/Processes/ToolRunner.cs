using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Podfence.Dataplane.Iptables;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it wrote to standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Errors);

/// <summary>Runs programs; tests have their own.</summary>
public interface IToolRunner
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name, without a folder.</param>
    /// <param name="arguments">Each for itself: there is no shell.</param>
    /// <param name="input">Its standard input.</param>
    /// <exception cref="DataplaneException">It is not installed, or does not end in time.</exception>
    ToolResult Run(string program, IReadOnlyList<string> arguments, string input);

    /// <summary>Whether a program is installed.</summary>
    bool Has(string program);
}

/// <summary>Starts processes: by absolute path, with no environment but the C locale, never by a shell.</summary>
public sealed class ToolRunner(INetworkPlace place, TimeProvider? time = null) : IToolRunner
{
    // Longer than the wait for the lock of xtables; a load from scratch of the largest tables takes seconds.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly string[] s_folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"];
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public bool Has(string program) => Find(program) is not null;

    /// <inheritdoc/>
    public ToolResult Run(string program, IReadOnlyList<string> arguments, string input)
    {
        var path = Find(program) ?? throw ToolFailure.Missing(program);
        var info = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = s_utf8,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        info.Environment["LC_ALL"] = "C";
        info.Environment["PATH"] = string.Join(':', s_folders);
        try
        {
            using var process = place.Start(info);
            return Talk(process, program, input);
        }
        catch (Win32Exception fault)
        {
            throw new DataplaneException(DataplaneFailure.NotSupported, $"{path} cannot be started: {fault.Message}", fault);
        }
    }

    private ToolResult Talk(Process process, string program, string input)
    {
        using var limit = new CancellationTokenSource(s_limit, _time);
        try
        {
            // Reading starts before writing, or two full pipes would wait for each other.
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            WriteAsync(process, input, limit.Token).GetAwaiter().GetResult();
            process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
            return new ToolResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new DataplaneException(DataplaneFailure.Rejected, $"{program} did not end within {s_limit.TotalSeconds:0} s and was ended");
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early and reads no more; its exit code and its words tell why.
        }
    }

    private static string? Find(string program)
    {
        foreach (var folder in s_folders)
        {
            var path = Path.Combine(folder, program);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
