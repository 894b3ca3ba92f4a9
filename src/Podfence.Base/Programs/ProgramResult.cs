using System.Text;

namespace Podfence.Base;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="ErrorOutput">What it wrote to standard error.</param>
public sealed record ProgramResult(int ExitCode, byte[] Output, byte[] ErrorOutput)
{
    /// <summary>Standard output as UTF-8 text.</summary>
    public string OutputText => Encoding.UTF8.GetString(Output);

    /// <summary>Standard error as UTF-8 text.</summary>
    public string ErrorText => Encoding.UTF8.GetString(ErrorOutput);
}

/// <summary>Why a program did not run to its end.</summary>
public enum ProgramFailure
{
    /// <summary>The system cannot start the file: it is missing, not executable, or for another machine.</summary>
    CannotStart,

    /// <summary>It ran longer than its timeout and was killed.</summary>
    TimedOut,

    /// <summary>It printed more than its limit and was killed.</summary>
    TooMuchOutput,
}

/// <summary>A program did not run to its end.</summary>
public sealed class ProgramException(ProgramFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public ProgramFailure Failure { get; } = failure;
}
