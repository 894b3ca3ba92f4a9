using System.CommandLine;
using System.CommandLine.Invocation;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary>The root command, and how a run of it ends.</summary>
internal static class CommandLine
{
    /// <summary>Builds the root command with every verb.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand(
            "Enforce Kubernetes NetworkPolicy on nodes, and explain, test and visualize policies."
        ).WithExamples(
            ("Run a self-contained demo on this machine", "podfence demo"),
            (
                "Explain why a connection is denied and what would allow it",
                "podfence explain default/web default/db:6379 -f manifests/"
            ),
            ("Write a heat map of all allowed connections", "podfence matrix -f manifests/ -o html > matrix.html"),
            ("Run policy tests in CI", "podfence test -f manifests/ tests/"),
            ("Start a lab cluster from your manifests", "podfence lab up -f manifests/"),
            ("Measure connectivity in the lab with real packets", "podfence lab matrix")
        );
        foreach (var verb in Verbs.All())
        {
            root.Add(verb);
        }

        return root.WithExamplesInHelp();
    }

    /// <summary>
    /// Runs one command line. Results go to the terminal's output, errors and hints to its error stream only, so that a
    /// pipe never carries a message instead of data.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(
        IReadOnlyList<string> args,
        Terminal terminal,
        CancellationToken cancellationToken = default
    ) => RunAsync(CreateRoot(), args, terminal, cancellationToken);

    public static async Task<int> RunAsync(
        RootCommand root,
        IReadOnlyList<string> args,
        Terminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        if (CompleteRequest.TryRun(root, args, terminal.Output))
        {
            return ExitCodes.Success;
        }

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction usage)
        {
            return ReportUsage(parsed, usage, terminal);
        }

        try
        {
            return await parsed.InvokeAsync(terminal, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync($"{terminal.Program}: interrupted");
            return ExitCodes.Cancelled;
        }
#pragma warning disable CA1031 // last resort: after any failure the user gets a message and an exit code
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await terminal.Error.WriteLineAsync(
                $"{terminal.Program}: {(terminal.ShowTraces ? fault : Sentence(fault))}"
            );
            return ExitCodes.Failed;
        }
    }

    // The parser writes its spelling suggestions to standard output, where a pipe would take them for data.
    private static int ReportUsage(ParseResult parsed, ParseErrorAction usage, Terminal terminal)
    {
        usage.ShowHelp = false;
        parsed.Invoke(terminal.WithOutputToError());
        terminal.Error.WriteLine($"Run '{PathOf(parsed.CommandResult, terminal.Program)} --help' for usage.");
        return ExitCodes.Failed;
    }

    private static string PathOf(System.CommandLine.Parsing.CommandResult result, string program) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent
            ? $"{PathOf(parent, program)} {result.Command.Name}"
            : program;

    // The message of an expected failure is complete; a bug report on any other needs the type of the exception.
    private static string Sentence(Exception fault) =>
        fault switch
        {
            CliException or LabException or IOException or UnauthorizedAccessException => fault.Message,
            _ => $"{fault.Message} ({fault.GetType().Name}; set PODFENCE_TRACE=1 for the stack trace)",
        };
}
