using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab apply</c>: puts objects into a lab that is up.</summary>
internal static class LabApplyVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var files = LabVerb.FilesOption("Manifest files or directories; - reads standard input");
        var verb = new Command("apply", "Apply objects to a lab; returns when they are up and all rules are in place") { files, name };
        verb.SetAction(async (parsed, cancel) =>
        {
            var items = LabClient.Stated(LabVerb.Read(parsed.GetValue(files)!));
            await new LabClient(parsed.GetValue(name)!).ApplyAsync(items, LabVerb.Progress(parsed.Terminal()), cancel);
            foreach (var item in items)
            {
                await parsed.Terminal().Output.WriteLineAsync($"{item.Reference} applied");
            }
        });
        return verb.WithExamples(("Apply a policy", "podfence lab apply -f policy.yaml"));
    }
}
