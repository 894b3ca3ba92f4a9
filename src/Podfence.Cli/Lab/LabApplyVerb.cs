using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab apply</c>: puts objects into a lab that is up.</summary>
internal static class LabApplyVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var files = LabVerb.FilesOption("Files or folders with manifests; - is standard input");
        var verb = new Command("apply", "Put objects into a lab; returns when they are reachable and fenced") { files, name };
        verb.SetAction(async (parsed, cancel) =>
        {
            var items = LabClient.Stated(LabVerb.Read(parsed.GetValue(files)!));
            await new LabClient(parsed.GetValue(name)!).ApplyAsync(items, LabVerb.Progress(parsed.Terminal()), cancel);
            foreach (var item in items)
            {
                await parsed.Terminal().Output.WriteLineAsync($"{item.Reference} applied");
            }
        });
        return verb.WithExamples(("A new policy", "podfence lab apply -f policy.yaml"));
    }
}
