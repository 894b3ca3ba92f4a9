using System.Diagnostics;
using Podfence.Base;
using Podfence.Lab;

namespace Podfence.KernelTests;

/// <summary>External programs, run inside a namespace of a lab.</summary>
internal static class Tools
{
    /// <summary>The path of a program, which <c>eng/prepare.sh test</c> installs.</summary>
    public static string PathOf(string program) =>
        ProgramPath.FindSystem(program)
        ?? throw new InvalidOperationException($"there is no {program}: run 'eng/prepare.sh test'");

    /// <summary>Runs a program and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">
    /// It exited with another code than 0; the message has its standard error.
    /// </exception>
    public static string Run(
        NetworkNamespace where,
        string program,
        IEnumerable<string> arguments,
        string? input = null
    )
    {
        var info = new ProcessStartInfo(PathOf(program))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        using var process = where.Start(info);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', info.ArgumentList)} ended with {process.ExitCode}: "
                    + $"{errors.GetAwaiter().GetResult()}"
            );
    }
}
