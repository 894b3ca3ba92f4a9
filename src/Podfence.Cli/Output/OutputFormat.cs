using System.CommandLine;

namespace Podfence.Cli;

/// <summary>What a verb's answer is written as.</summary>
internal enum OutputFormat
{
    /// <summary>For people; may change from version to version.</summary>
    Text,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,
}

/// <summary>The option that every verb with an answer for programs has.</summary>
internal static class OutputOption
{
    /// <summary>A new <c>-o</c>, <c>--output</c> option. Default: text.</summary>
    public static Option<Choice<OutputFormat>> Create() => ChoiceOption.Create("--output", "Output format", OutputFormat.Text, "-o");
}
