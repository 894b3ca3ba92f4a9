using System.CommandLine;

namespace Podfence.Cli.Tests;

/// <summary>The help of every verb, as the executable prints it.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. Paths(CommandLine.CreateRoot(), [])];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_OfEveryVerb_HasADescriptionAndExamplesThatNameIt(string verb)
    {
        var run = (
            await PodfenceProgram.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])
        ).Succeeded();

        Assert.StartsWith("Description:\n", run.Output, StringComparison.Ordinal);
        Assert.Contains($"Usage:\n  podfence {verb}".TrimEnd(), run.Output, StringComparison.Ordinal);
        Assert.Contains($"  podfence {verb}".TrimEnd(), run.Output.Split("\nExamples:\n")[1], StringComparison.Ordinal);
        // Words are written as they are to be typed.
        Assert.DoesNotMatch(@"\[default: [A-Z]", run.Output);
        Assert.Empty(run.Error);
    }

    private static IEnumerable<string> Paths(Command command, string[] path) =>
        command.Hidden
            ? []
            : command.Subcommands.SelectMany(verb => Paths(verb, [.. path, verb.Name])).Prepend(string.Join(' ', path));
}
