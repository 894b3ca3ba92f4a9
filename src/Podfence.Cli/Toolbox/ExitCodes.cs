namespace Podfence.Cli;

/// <summary>How the verbs of the toolbox end. An error in the input or the usage is <see cref="CommandLine.Failed"/>: nothing was concluded.</summary>
internal static class ExitCodes
{
    /// <summary>The question was answered, and nothing differs from what was expected.</summary>
    public const int Good = 0;

    /// <summary>The input is sound, but what is differs from what was expected or compared.</summary>
    public const int Differs = 2;
}
