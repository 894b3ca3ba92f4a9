using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// The output and error streams of a run and what may be written to them. It is the configuration that the parser
/// passes to every action: a verb gets it by <see cref="TerminalExtensions.Terminal"/> and never uses the console.
/// </summary>
internal sealed class Terminal : InvocationConfiguration
{
    /// <summary>The width of an output that is not a screen: no table is cut in a file.</summary>
    public const int UnlimitedWidth = int.MaxValue;

    /// <summary>A terminal on the given writers, without colour.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        Output = output;
        Error = error;
        EnableDefaultExceptionHandler = false;
        // After Ctrl-C a lab first removes its namespaces; that takes less than a second unless the machine is busy.
        ProcessTerminationTimeout = TimeSpan.FromSeconds(10);
    }

    /// <summary>Whether escape sequences may be written to the output. Default: no.</summary>
    public bool Colour { get; init; }

    /// <summary>Columns of the screen. Default: <see cref="UnlimitedWidth"/>.</summary>
    public int Width { get; init; } = UnlimitedWidth;

    /// <summary>Columns of the screen that shows the error stream; 0 if it is not a screen. Default: 0.</summary>
    public int ErrorWidth { get; init; }

    /// <summary>What the user types to run this program: podfence (the default) or <c>kubectl podfence</c>.</summary>
    public string Program { get; init; } = ProgramName.Own;

    /// <summary>Looks up an environment variable. Default: none is set.</summary>
    public Func<string, string?> Environment { get; init; } = static _ => null;

    /// <summary>Whether an unexpected failure is shown with its stack trace. Default: no.</summary>
    public bool ShowTraces { get; init; }

    /// <summary>
    /// The terminal of this process: colour and width only if the output is a screen; NO_COLOR (no-color.org) turns
    /// colour off.
    /// </summary>
    public static Terminal OfProcess()
    {
        var screen = !Console.IsOutputRedirected;
        Func<string, string?> environment = System.Environment.GetEnvironmentVariable;
        return new Terminal(Console.Out, Console.Error)
        {
            Colour = screen && MayColour(environment),
            Width = screen ? ScreenWidth() : UnlimitedWidth,
            // A progress line is redrawn there, which takes a terminal that supports escape sequences.
            ErrorWidth =
                !Console.IsErrorRedirected && IsSet(environment, "TERM") && environment("TERM") != "dumb"
                    ? ErrorScreenWidth()
                    : 0,
            Program = ProgramName.OfProcess(),
            Environment = environment,
            ShowTraces = IsSet(environment, "PODFENCE_TRACE"),
        };
    }

    /// <summary>
    /// Whether the environment allows colour: NO_COLOR is empty, and TERM names a terminal that supports it.
    /// </summary>
    internal static bool MayColour(Func<string, string?> environment) =>
        !IsSet(environment, "NO_COLOR") && IsSet(environment, "TERM") && environment("TERM") != "dumb";

    /// <summary>The same terminal with the output sent to the error stream.</summary>
    public Terminal WithOutputToError() =>
        new(Error, Error)
        {
            ErrorWidth = ErrorWidth,
            Program = Program,
            Environment = Environment,
            ShowTraces = ShowTraces,
        };

    private static bool IsSet(Func<string, string?> environment, string name) =>
        !string.IsNullOrEmpty(environment(name));

    // A serial console and some CI runners report 0 columns.
    private static int ScreenWidth() => Console.WindowWidth is > 0 and var width ? width : UnlimitedWidth;

    private static int ErrorScreenWidth() => Console.WindowWidth is > 0 and var width ? width : 80;
}

/// <summary>Gives an action its terminal.</summary>
internal static class TerminalExtensions
{
    public static Terminal Terminal(this ParseResult parsed) => (Terminal)parsed.InvocationConfiguration;
}
