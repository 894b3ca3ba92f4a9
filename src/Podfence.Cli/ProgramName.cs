namespace Podfence.Cli;

/// <summary>What a person types to run this program. As kubectl's plugin it is an executable of another name, which kubectl finds by that name.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/</remarks>
internal static class ProgramName
{
    /// <summary>The program by itself.</summary>
    public const string Own = "podfence";

    /// <summary>As a plugin.</summary>
    public const string OfPlugin = "kubectl podfence";

    /// <summary>The name that goes with the one that the program was started by.</summary>
    public static string OfCommand(string command) => Path.GetFileName(command) is "kubectl-podfence" or "kubectl-podfence.exe" ? OfPlugin : Own;

    /// <summary>A text in which the program is called by its own name, with the name that is typed: lines to type begin with it.</summary>
    public static string Typed(string text, string program) =>
        program == Own ? text : text.Replace($"{Own} ", $"{program} ", StringComparison.Ordinal).Replace($"{program} {program} ", $"{program} ", StringComparison.Ordinal);
}
