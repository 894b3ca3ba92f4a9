namespace Podfence.TestKit;

/// <summary>How often tests repeat what they try: less for every change of the sources, more in a full run.</summary>
public static class Repetitions
{
    /// <summary>The environment variable that asks for a full run: 1.</summary>
    public const string FullVariable = "PODFENCE_TEST_FULL";

    /// <summary>Whether this is a full run.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable(FullVariable) == "1";

    /// <summary>A number of repetitions.</summary>
    /// <param name="full">In a full run.</param>
    /// <param name="otherwise">In every other run.</param>
    public static int Of(int full, int otherwise) => IsFull ? full : otherwise;
}
