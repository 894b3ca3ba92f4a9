using System.Text;

namespace Podfence.Cli;

/// <summary>What the user types to run this program: as a kubectl plugin the executable has another name.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/</remarks>
internal static class ProgramName
{
    public const string Own = "podfence";

    public const string OfPlugin = "kubectl podfence";

    public static string OfProcess() => OfCommand(StartedAs());

    /// <summary>The name to type for an executable's path.</summary>
    public static string OfCommand(string command) => Path.GetFileName(command) == "kubectl-podfence" ? OfPlugin : Own;

    /// <summary>The text with command lines adapted to the name that the user types.</summary>
    public static string Typed(string text, string program) =>
        program == Own ? text : text.Replace($"{Own} ", $"{program} ", StringComparison.Ordinal);

    // The runtime reports the resolved file, not the symbolic link that was started.
    private static string StartedAs()
    {
        const string CommandLine = "/proc/self/cmdline";
        return File.Exists(CommandLine)
            ? Encoding.UTF8.GetString(File.ReadAllBytes(CommandLine)).Split('\0')[0]
            : Environment.GetCommandLineArgs()[0];
    }
}
