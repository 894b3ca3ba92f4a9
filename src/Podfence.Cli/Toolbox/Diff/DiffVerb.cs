using System.CommandLine;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Output formats of a comparison.</summary>
internal enum DiffFormat
{
    /// <summary>A table for people.</summary>
    Text,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,

    /// <summary>A comment on a pull request.</summary>
    Markdown,
}

/// <summary>Which differences make the command exit with 2.</summary>
internal enum DiffFailOn
{
    /// <summary>Any connection that differs.</summary>
    Any,

    /// <summary>Only connections that are newly allowed.</summary>
    Opened,
}

/// <summary><c>podfence diff</c>: which connections open, close or change between two sets of policies.</summary>
internal static class DiffVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var old = new Argument<string?>("OLD")
        {
            Description = "File or folder with the policies before the change",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var @new = new Argument<string?>("NEW")
        {
            Description = "File or folder with the policies after the change",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var from = new Option<string?>("--from-rev")
        {
            Description = "Compare the files of -f with this git revision of them",
            HelpName = "REV",
        };
        var to = new Option<string?>("--to-rev")
        {
            Description = "Revision to compare with, instead of the current files",
            HelpName = "REV",
        };
        var prune = new Option<bool>("--prune")
        {
            Description =
                "With --live and -f: treat policies missing from the files as deleted, in namespaces the files touch",
        };
        var failOn = EnumOption.Create("--fail-on", "Which differences make the command exit with 2", DiffFailOn.Any);
        var output = EnumOption.Create("--output", "Output format", DiffFormat.Text, "-o");
        var verb = new Command(
            "diff",
            "Compare what two sets of policies allow; exit code 2 if a connection opens, closes or changes"
        )
        {
            old,
            @new,
        };
        cluster.AddTo(verb);
        verb.Add(from);
        verb.Add(to);
        verb.Add(prune);
        verb.Add(failOn);
        verb.Add(output);
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var request = new DiffRequest(
                    parsed.GetValue(old),
                    parsed.GetValue(@new),
                    parsed.GetValue(from),
                    parsed.GetValue(to),
                    parsed.GetValue(prune)
                );
                var terminal = parsed.Terminal();
                var (sides, names) = await new DiffReader(cluster, parsed).ReadAsync(request, cancel);
                var report = new DiffReport(
                    Compare(sides, parsed.GetValue(cluster.NamespaceOption), terminal, cancel),
                    sides.PodsOf,
                    names
                );
                switch (parsed.GetValue(output).Value)
                {
                    case DiffFormat.Json:
                        DiffJson.Write(report, terminal.Output);
                        break;
                    case DiffFormat.Markdown:
                        DiffMarkdown.Write(report, terminal.Output);
                        break;
                    default:
                        DiffText.Write(report, terminal);
                        break;
                }

                var differs =
                    parsed.GetValue(failOn) == DiffFailOn.Opened ? report.Diff.HasOpened : !report.Diff.IsSame;
                return differs ? ExitCodes.Differs : ExitCodes.Success;
            }
        );
        return verb.WithExamples(
            ("Two folders", "podfence diff old/ new/"),
            (
                "A branch against main, as a comment on its pull request",
                "podfence diff --from-rev origin/main -f manifests/ -o markdown"
            ),
            (
                "Two revisions of policies, with the pods of the live cluster",
                "podfence diff --from-rev v1.2 --to-rev v1.3 -f policies/ --live"
            ),
            (
                "The effect of files on the live cluster; fail if anything opens",
                "podfence diff --live -f policies/ --fail-on opened"
            )
        );
    }

    private static PolicyDiff Compare(DiffSides sides, string? scope, Terminal terminal, CancellationToken cancel)
    {
        using var line = new ProgressLine(terminal);
        return PolicyDiff.Of(
            sides.Before,
            sides.After,
            new MatrixOptions { Namespace = scope },
            (done, total) => line.Report("groups compared", done, total),
            cancel
        );
    }
}
