namespace Podfence.Cli;

/// <summary>
/// An expected failure of a verb. Its message is all that the user sees: what is wrong and, if possible, the remedy.
/// </summary>
internal sealed class CliException : Exception
{
    public CliException(string message)
        : base(message) { }

    public CliException(string message, Exception cause)
        : base(message, cause) { }
}
