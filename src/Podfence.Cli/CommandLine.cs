using System.CommandLine;
using System.CommandLine.Invocation;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary>The command line as a whole: the root command, and how a run of it ends.</summary>
internal static class CommandLine
{
    /// <summary>Exit code of a run that failed, or that was asked for something that does not exist.</summary>
    public const int Failed = 1;

    /// <summary>Exit code of a run that was told to stop (128 + SIGINT, as a shell reports it).</summary>
    public const int Cancelled = 130;

    /// <summary>Builds the root command with every verb.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Enforce Kubernetes NetworkPolicy on nodes, and explain, test and visualize policies.")
            .WithExamples(
                ("Run a self-contained demo on this machine", "podfence demo"),
                ("Explain why a connection is denied and what would allow it", "podfence explain default/web default/db:6379 -f manifests/"),
                ("Write a heat map of all allowed connections", "podfence matrix -f manifests/ -o html > matrix.html"),
                ("Run policy tests in CI", "podfence test -f manifests/ tests/"),
                ("Start a lab cluster from your manifests", "podfence lab up -f manifests/"),
                ("Measure connectivity in the lab with real packets", "podfence lab matrix"));
        foreach (var verb in Verbs.All())
        {
            root.Add(verb);
        }

        return root.WithExamplesInHelp();
    }

    /// <summary>
    /// Runs one command line. What was asked for goes to the terminal's output; faults, and hints for them, go to its error stream only,
    /// so that a pipe never carries a message in place of data.
    /// </summary>
    /// <returns>What the verb returned, <see cref="Failed"/> or <see cref="Cancelled"/>.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellationToken = default) =>
        RunAsync(CreateRoot(), args, terminal, cancellationToken);

    /// <summary>The same for a root command of the caller's choice.</summary>
    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        if (CompleteRequest.TryRun(root, args, terminal.Output))
        {
            return ExitCodes.Good;
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
            return Cancelled;
        }
#pragma warning disable CA1031 // the last resort of the process: whatever went wrong, the user gets a sentence and the exit code
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await terminal.Error.WriteLineAsync($"{terminal.Program}: {(terminal.ShowTraces ? fault : Sentence(fault))}");
            return Failed;
        }
    }

    // The parser's own report writes the spelling suggestions to the output, where a pipe would take them for data.
    private static int ReportUsage(ParseResult parsed, ParseErrorAction usage, Terminal terminal)
    {
        usage.ShowHelp = false;
        parsed.Invoke(terminal.WithOutputToError());
        terminal.Error.WriteLine($"Run '{PathOf(parsed.CommandResult, terminal.Program)} --help' for usage.");
        return Failed;
    }

    private static string PathOf(System.CommandLine.Parsing.CommandResult result, string program) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{PathOf(parent, program)} {result.Command.Name}" : program;

    // A failure that a verb foresaw says everything in its message; the name of any other's type is the first thing that a report of it needs.
    private static string Sentence(Exception fault) => fault switch
    {
        CliException or LabException or IOException or UnauthorizedAccessException => fault.Message,
        _ => $"{fault.Message} ({fault.GetType().Name}; set PODFENCE_TRACE=1 for the stack trace)",
    };
}
