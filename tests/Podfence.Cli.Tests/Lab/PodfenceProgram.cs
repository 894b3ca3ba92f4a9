using System.Diagnostics;

namespace Podfence.Cli.Tests;

/// <summary>What a run of the executable came to.</summary>
/// <param name="Exit">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramRun(int Exit, string Output, string Error)
{
    /// <summary>The last line of the output.</summary>
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];

    /// <summary>Asserts success, with everything that was said where it is not.</summary>
    public ProgramRun Succeeded() => Ended(0);

    /// <summary>Asserts an exit code, with everything that was said where it is another.</summary>
    public ProgramRun Ended(int exit)
    {
        Assert.True(Exit == exit, $"exit code {Exit}, not {exit}\n{Output}{Error}");
        return this;
    }

    /// <summary>
    /// Asserts that the run failed and wrote why to its error stream, and nothing where a pipe would take it for data.
    /// </summary>
    public ProgramRun FailedWith(params string[] parts)
    {
        Ended(1);
        Assert.Empty(Output);
        Assert.All(parts, part => Assert.Contains(part, Error, StringComparison.Ordinal));
        return this;
    }
}

/// <summary>The executable that stands beside the tests, run as a user runs it: a process with pipes.</summary>
internal static class PodfenceProgram
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    /// <summary>The executable.</summary>
    public static string File { get; } = Path.Combine(AppContext.BaseDirectory, "podfence");

    /// <summary>Labs need root; without it their tests say so and are skipped.</summary>
    public static void RequireRoot() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces need root");

    /// <summary>Runs it to its end.</summary>
    public static Task<ProgramRun> RunAsync(params string[] arguments) =>
        RunAsync(new ProcessStartInfo(File), arguments, null);

    /// <summary>Runs it to its end, from a start that the caller has prepared.</summary>
    /// <param name="info">Folder and environment.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <exception cref="TimeoutException">It did not end.</exception>
    public static async Task<ProgramRun> RunAsync(ProcessStartInfo info, IEnumerable<string> arguments, string? input)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var limit = new CancellationTokenSource(s_limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var process = Start(info, arguments);
        var output = process.StandardOutput.ReadToEndAsync(either.Token);
        var error = process.StandardError.ReadToEndAsync(either.Token);
        try
        {
            await WriteAsync(process, input);
            await process.WaitForExitAsync(either.Token);
            return new ProgramRun(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"podfence {string.Join(' ', info.ArgumentList)} did not end within {s_limit.TotalSeconds} s",
                late
            );
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Starts it with all streams as pipes.</summary>
    public static Process Start(ProcessStartInfo info, IEnumerable<string> arguments)
    {
        info.UseShellExecute = false;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return Process.Start(info)!;
    }

    private static async Task WriteAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says whether it should have.
        }
    }
}
