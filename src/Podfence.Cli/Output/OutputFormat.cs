using System.CommandLine;

namespace Podfence.Cli;

/// <summary>The output format of a verb.</summary>
internal enum OutputFormat
{
    /// <summary>For people; may change between versions.</summary>
    Text,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,
}

/// <summary>The option of every verb that can write JSON.</summary>
internal static class OutputOption
{
    /// <summary>A new <c>-o</c>, <c>--output</c> option. Default: text.</summary>
    public static Option<EnumWord<OutputFormat>> Create() =>
        EnumOption.Create("--output", "Output format", OutputFormat.Text, "-o");
}
