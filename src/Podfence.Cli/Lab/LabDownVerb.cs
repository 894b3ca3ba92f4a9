using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab down</c>: ends a lab.</summary>
internal static class LabDownVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var verb = new Command("down", "End a lab; returns when nothing of it is left") { name };
        verb.SetAction(async (parsed, cancel) =>
        {
            await new LabClient(parsed.GetValue(name)!).DownAsync(null, cancel);
            await parsed.Terminal().Output.WriteLineAsync($"lab {parsed.GetValue(name)} is down");
        });
        return verb.WithExamples(("End the lab", "podfence lab down"));
    }
}
