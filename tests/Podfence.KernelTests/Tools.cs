using Podfence.Base;
using Podfence.Lab;
using Podfence.TestKit;

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
    ) => TestProgram.Run(program, arguments, input, where.Start);
}
