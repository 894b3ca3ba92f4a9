using System.CommandLine;

namespace Podfence.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Run_UnknownVerb_FailsWithTheHintOnTheErrorStreamOnly()
    {
        var run = await Run("versio");

        Assert.Equal(ExitCodes.Failed, run.Exit);
        Assert.Empty(run.Output);
        Assert.Contains("versio", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("Run 'podfence --help' for usage.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnknownOptionOfAVerb_NamesTheHelpOfThatVerb()
    {
        var run = await Run("version", "--colour");

        Assert.Equal(ExitCodes.Failed, run.Exit);
        Assert.Empty(run.Output);
        Assert.Contains("'podfence version --help'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoVerb_Fails()
    {
        var run = await Run();

        Assert.Equal(ExitCodes.Failed, run.Exit);
        Assert.Empty(run.Output);
        Assert.NotEmpty(run.Error);
    }

    [Fact]
    public async Task Run_Version_PrintsItAlone()
    {
        var run = await Run("--version");

        Assert.Equal(0, run.Exit);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", run.Output);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void CreateRoot_EveryVerb_HasADescriptionAndExamples()
    {
        var lacking = Commands(CommandLine.CreateRoot())
            .Where(c => !c.Hidden && (string.IsNullOrEmpty(c.Description) || HelpExamples.ExamplesOf(c).Count == 0))
            .Select(c => c.Name);

        Assert.Empty(lacking);
    }

    [Fact]
    public async Task Run_HelpOfAVerb_EndsWithItsExamples()
    {
        var run = await Run("version", "--help");

        Assert.Equal(0, run.Exit);
        Assert.EndsWith(
            "Examples:\n  # As text\n  podfence version\n  # As JSON\n  podfence version -o json\n\n",
            run.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void CreateRoot_EveryExample_IsALineThatTheParserTakes()
    {
        var root = CommandLine.CreateRoot();
        var lines = Commands(root).SelectMany(c => HelpExamples.ExamplesOf(c)).Select(e => e.Line);

        Assert.All(lines, line => Assert.Empty(root.Parse(ParsedPart(line)).Errors));
    }

    [Fact]
    public async Task Run_VerbThrowsForeseenFailure_PrintsItsMessageAlone()
    {
        var run = await RunVerb(
            (_, _) => throw new CliException("no lab named 'a'"),
            TestContext.Current.CancellationToken
        );

        Assert.Equal((ExitCodes.Failed, "", "podfence: no lab named 'a'\n"), run);
    }

    [Fact]
    public async Task Run_VerbThrowsUnforeseenFailure_NamesItsTypeAndHowToSeeMore()
    {
        var run = await RunVerb(
            (_, _) => throw new InvalidOperationException("odd"),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(ExitCodes.Failed, run.Exit);
        Assert.Equal(
            "podfence: odd (InvalidOperationException; set PODFENCE_TRACE=1 for the stack trace)\n",
            run.Error
        );
    }

    [Fact]
    public async Task Run_Cancelled_StopsTheVerbAndSaysSo()
    {
        using var stop = new CancellationTokenSource();
        var run = await RunVerb(
            async (_, cancelled) =>
            {
                await stop.CancelAsync();
                cancelled.ThrowIfCancellationRequested();
                return 0;
            },
            stop.Token
        );

        Assert.Equal((ExitCodes.Cancelled, "", "podfence: interrupted\n"), run);
    }

    [Theory]
    [InlineData("xterm", null, true)]
    [InlineData("xterm", "", true)]
    [InlineData("xterm", "1", false)]
    [InlineData("dumb", null, false)]
    [InlineData(null, null, false)]
    public void MayColour_TermAndNoColor_Decide(string? term, string? noColor, bool expected) =>
        Assert.Equal(
            expected,
            Terminal.MayColour(name =>
                name switch
                {
                    "TERM" => term,
                    "NO_COLOR" => noColor,
                    _ => null,
                }
            )
        );

    // An example may be a pipeline or write to a file; what the parser sees is from the word after podfence to the end
    // of its part.
    private static string ParsedPart(string line)
    {
        var part = line.Split('|', '>').Single(p => p.TrimStart().StartsWith("podfence", StringComparison.Ordinal));
        return part.Trim()["podfence".Length..];
    }

    private static IEnumerable<Command> Commands(Command command) =>
        command.Subcommands.SelectMany(Commands).Prepend(command);

    private static Task<(int Exit, string Output, string Error)> Run(params string[] args) =>
        Run(CommandLine.CreateRoot(), args, TestContext.Current.CancellationToken);

    private static Task<(int Exit, string Output, string Error)> RunVerb(
        Func<ParseResult, CancellationToken, Task<int>> action,
        CancellationToken cancellationToken
    )
    {
        var verb = new Command("do");
        verb.SetAction(action);
        return Run(new RootCommand { verb }, ["do"], cancellationToken);
    }

    private static async Task<(int Exit, string Output, string Error)> Run(
        RootCommand root,
        string[] args,
        CancellationToken cancellationToken
    )
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(root, args, new Terminal(output, error), cancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
