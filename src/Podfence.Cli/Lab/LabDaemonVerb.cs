using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence lab daemon</c>, hidden: <c>lab up</c> starts it, and it holds the lab's namespaces until it exits.
/// </summary>
internal static class LabDaemonVerb
{
    /// <summary>The path of this executable.</summary>
    public static string ThisProgram =>
        Environment.ProcessPath ?? throw new CliException("cannot determine the path of this executable");

    public static Command Create()
    {
        var options = new LabDaemonOptionSet();
        var verb = new Command("daemon", "Run the daemon of a lab (started by lab up)") { Hidden = true };
        options.AddTo(verb);
        verb.SetAction(
            (parsed, cancel) => DaemonLauncher.ServeAsync(options.Read(parsed), parsed.Terminal().Output, cancel)
        );
        return verb;
    }
}
