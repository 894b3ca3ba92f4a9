using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab down</c>: stops a lab.</summary>
internal static class LabDownVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var verb = new Command("down", "Stop a lab; returns when everything is removed") { name };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                await new LabClient(parsed.GetValue(name)!).DownAsync(null, cancel);
                await parsed.Terminal().Output.WriteLineAsync($"lab {parsed.GetValue(name)} is down");
            }
        );
        return verb.WithExamples(("Stop the default lab", "podfence lab down"));
    }
}
