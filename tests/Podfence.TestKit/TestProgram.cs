using System.Diagnostics;
using System.Text;
using Podfence.Base;

namespace Podfence.TestKit;

/// <summary>Runs programs that have to succeed.</summary>
public static class TestProgram
{
    /// <summary>Runs a program and returns what it printed.</summary>
    /// <param name="program">A system program, or an absolute path.</param>
    /// <param name="arguments">One entry per argument.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="start">Starts it, such as in another network namespace; here by default.</param>
    /// <exception cref="InvalidOperationException">
    /// It is not installed, or ended with another code than 0; the message has its standard error.
    /// </exception>
    public static string Run(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        Func<ProcessStartInfo, Process>? start = null
    )
    {
        var path = ProgramPath.Find(program, string.Join(':', ProgramPath.SystemFolders))
            ?? throw new InvalidOperationException($"there is no {program}: run 'eng/prepare.sh test'");
        var request = new ProgramRequest(path, [.. arguments])
        {
            Input = Encoding.UTF8.GetBytes(input ?? ""),
            InheritsEnvironment = true,
            Start = start ?? ProgramStarter.Start,
        };
        var result = ProgramRunner
            .RunAsync(request, TimeProvider.System, CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        return result.ExitCode == 0
            ? result.OutputText
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', request.Arguments)} ended with {result.ExitCode}: {result.ErrorText}"
            );
    }
}
