namespace Podfence.Cli;

/// <summary>Exit codes of every verb.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>An error in the input or the usage, or a failure at run time: there is no result.</summary>
    public const int Failed = 1;

    /// <summary>The input is valid, but the result differs from what was expected or compared.</summary>
    public const int Differs = 2;

    /// <summary><c>podfence status</c>: the agent responds and is not ready.</summary>
    public const int NotReady = 2;

    /// <summary>Interrupted by a signal (128 + SIGINT, as a shell reports it).</summary>
    public const int Cancelled = 130;
}
