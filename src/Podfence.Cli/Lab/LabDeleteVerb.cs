using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab delete</c>: takes objects out of a lab that is up.</summary>
internal static class LabDeleteVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var files = LabVerb.FilesOption("Manifest files or directories with the objects; - reads standard input");
        var verb = new Command("delete", "Delete objects from a lab; returns when they are removed") { files, name };
        verb.SetAction(async (parsed, cancel) =>
        {
            var items = LabClient.Stated(LabVerb.Read(parsed.GetValue(files)!));
            await new LabClient(parsed.GetValue(name)!).DeleteAsync(items.Select(static item => item.Reference), LabVerb.Progress(parsed.Terminal()), cancel);
            foreach (var item in items)
            {
                await parsed.Terminal().Output.WriteLineAsync($"{item.Reference} deleted");
            }
        });
        return verb.WithExamples(("Delete a policy", "podfence lab delete -f policy.yaml"));
    }
}
