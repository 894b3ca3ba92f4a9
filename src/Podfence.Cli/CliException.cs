namespace Podfence.Cli;

/// <summary>A failure that a verb foresaw. The message is all that the user is shown: it says what is wrong and, where it can, what to do.</summary>
internal sealed class CliException : Exception
{
    public CliException(string message)
        : base(message)
    {
    }

    public CliException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
