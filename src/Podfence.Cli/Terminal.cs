using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// Where a run writes, and what may be written there. It is the configuration that the parser hands to every action,
/// so a verb finds it by <see cref="TerminalExtensions.Terminal"/> and takes nothing from the console by itself.
/// </summary>
internal sealed class Terminal : InvocationConfiguration
{
    /// <summary>Width used where nobody looks at a screen: wide enough that no table is cut in a file.</summary>
    public const int UnlimitedWidth = int.MaxValue;

    /// <summary>A terminal on the given writers, without colour.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        Output = output;
        Error = error;
        EnableDefaultExceptionHandler = false;
        // A lab that is stopped by Ctrl-C takes its namespaces down first; that is well under a second, unless the machine is busy.
        ProcessTerminationTimeout = TimeSpan.FromSeconds(10);
    }

    /// <summary>Whether escape sequences may be written to the output. Default: no.</summary>
    public bool Colour { get; init; }

    /// <summary>Columns of the screen. Default: <see cref="UnlimitedWidth"/>.</summary>
    public int Width { get; init; } = UnlimitedWidth;

    /// <summary>Columns of the screen that the error stream goes to; 0 where it goes elsewhere, so that nobody looks at it while it is written. Default: 0.</summary>
    public int ErrorWidth { get; init; }

    /// <summary>What is to be typed to run this program: <c>kubectl podfence</c> where kubectl has started it. Default: podfence.</summary>
    public string Program { get; init; } = ProgramName.Own;

    /// <summary>Environment variables by name. Default: none is set.</summary>
    public Func<string, string?> Environment { get; init; } = static _ => null;

    /// <summary>Whether an unforeseen failure is shown with its stack. Default: no.</summary>
    public bool ShowTraces { get; init; }

    /// <summary>The terminal of this process: colour and width only where the output is a screen, colour not against NO_COLOR (no-color.org).</summary>
    public static Terminal OfProcess()
    {
        var screen = !Console.IsOutputRedirected;
        Func<string, string?> environment = System.Environment.GetEnvironmentVariable;
        return new Terminal(Console.Out, Console.Error)
        {
            Colour = screen && MayColour(environment),
            Width = screen ? ScreenWidth() : UnlimitedWidth,
            // A line is drawn over and over there, which takes a screen that knows how.
            ErrorWidth = !Console.IsErrorRedirected && IsSet(environment, "TERM") && environment("TERM") != "dumb" ? ErrorScreenWidth() : 0,
            Program = ProgramName.OfProcess(),
            Environment = environment,
            ShowTraces = IsSet(environment, "PODFENCE_TRACE"),
        };
    }

    /// <summary>Whether the environment lets a screen be coloured: NO_COLOR is not set to anything, and TERM names something that knows colour.</summary>
    internal static bool MayColour(Func<string, string?> environment) =>
        !IsSet(environment, "NO_COLOR") && IsSet(environment, "TERM") && environment("TERM") != "dumb";

    /// <summary>The same terminal with the output sent to the error stream.</summary>
    public Terminal WithOutputToError() => new(Error, Error) { ErrorWidth = ErrorWidth, Program = Program, Environment = Environment, ShowTraces = ShowTraces };

    private static bool IsSet(Func<string, string?> environment, string name) => !string.IsNullOrEmpty(environment(name));

    // A screen of a serial line or of some CI runners says that it has no columns.
    private static int ScreenWidth() => Console.WindowWidth is > 0 and var width ? width : UnlimitedWidth;

    private static int ErrorScreenWidth() => Console.WindowWidth is > 0 and var width ? width : 80;
}

/// <summary>How an action finds its terminal.</summary>
internal static class TerminalExtensions
{
    /// <summary>The terminal that this command line runs on.</summary>
    public static Terminal Terminal(this ParseResult parsed) => (Terminal)parsed.InvocationConfiguration;
}
