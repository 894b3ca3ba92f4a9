using System.CommandLine;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary><c>podfence lab apply</c> and <c>podfence lab delete</c>: change the objects of a running lab.</summary>
internal static class LabChangeVerbs
{
    public static Command CreateApply() =>
        Create(
                "apply",
                "Apply objects to a lab; returns when they are up and all rules are in place",
                "applied",
                static (lab, items, progress, cancel) => lab.ApplyAsync(items, progress, cancel)
            )
            .WithExamples(("Apply a policy", "podfence lab apply -f policy.yaml"));

    public static Command CreateDelete() =>
        Create(
                "delete",
                "Delete objects from a lab; returns when they are removed",
                "deleted",
                static (lab, items, progress, cancel) =>
                    lab.DeleteAsync(items.Select(static item => item.Reference), progress, cancel)
            )
            .WithExamples(("Delete a policy", "podfence lab delete -f policy.yaml"));

    private static Command Create(
        string verb,
        string description,
        string outcome,
        Func<LabClient, IReadOnlyList<ClusterObject>, IProgress<string>, CancellationToken, Task> change
    )
    {
        var name = LabVerb.NameOption();
        var files = LabVerb.FilesOption("Manifest files or directories; - reads standard input");
        var command = new Command(verb, description) { files, name };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var terminal = parsed.Terminal();
                var items = LabClient.Stated(LabVerb.Read(parsed.GetValue(files)!));
                await change(new LabClient(parsed.GetValue(name)!), items, LabVerb.Progress(terminal), cancel);
                foreach (var item in items)
                {
                    await terminal.Output.WriteLineAsync($"{item.Reference} {outcome}");
                }
            }
        );
        return command;
    }
}
