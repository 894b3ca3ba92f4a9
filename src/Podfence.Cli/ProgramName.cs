using System.Text;

namespace Podfence.Cli;

/// <summary>What a person types to run this program. As kubectl's plugin it is an executable of another name, which kubectl finds by that name.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/</remarks>
internal static class ProgramName
{
    /// <summary>The program by itself.</summary>
    public const string Own = "podfence";

    /// <summary>As a plugin.</summary>
    public const string OfPlugin = "kubectl podfence";

    /// <summary>The name for this process.</summary>
    public static string OfProcess() => OfCommand(StartedAs());

    /// <summary>The name that goes with the one that a program was started by.</summary>
    public static string OfCommand(string command) => Path.GetFileName(command) == "kubectl-podfence" ? OfPlugin : Own;

    /// <summary>A text with lines to type, in which the program has its own name, for who types another.</summary>
    public static string Typed(string text, string program) => program == Own ? text : text.Replace($"{Own} ", $"{program} ", StringComparison.Ordinal);

    // The runtime knows the file that it was read from, which a link to it is not.
    private static string StartedAs()
    {
        const string CommandLine = "/proc/self/cmdline";
        return File.Exists(CommandLine) ? Encoding.UTF8.GetString(File.ReadAllBytes(CommandLine)).Split('\0')[0] : Environment.GetCommandLineArgs()[0];
    }
}
