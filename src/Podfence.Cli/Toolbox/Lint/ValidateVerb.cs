using System.CommandLine;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary><c>podfence validate</c>: whether the API server would accept the objects in files.</summary>
internal static class ValidateVerb
{
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f")
        {
            Description = "File or folder with manifests, or - for standard input; repeatable",
            HelpName = "PATH",
        };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Read subfolders too" };
        var failOn = EnumOption.Create(
            "--fail-on",
            "Exit with 2 on warnings too; an invalid object is always exit code 1",
            FailOn.Error,
            [FailOn.Warning, FailOn.Error]
        );
        var output = DiagnosticOutput.CreateOption();
        var verb = new Command(
            "validate",
            "Check that the API server would accept the policies, pods, namespaces and nodes in files; exit code "
                + "1 if not"
        )
        {
            files,
            recursive,
            failOn,
            output,
        };
        verb.SetAction(parsed =>
        {
            var paths = parsed.GetValue(files) is { Length: > 0 } named
                ? named
                : throw new CliException("no manifests: give files or folders with -f");
            var manifests = ManifestReader.ReadPaths(
                paths,
                new ManifestReaderOptions { Recursive = parsed.GetValue(recursive) }
            );
            var found = new Diagnostics(
                [.. manifests.Diagnostics.Select(CheckResult.Of)],
                [DiagnosticKind.Invalid, DiagnosticKind.Doubtful],
                Scope(manifests),
                0
            );
            DiagnosticOutput.Write(found, parsed.GetValue(output), parsed.Terminal());
            return manifests.HasErrors ? ExitCodes.Failed
                : manifests.Diagnostics.Count > 0 && parsed.GetValue(failOn) == FailOn.Warning ? ExitCodes.Differs
                : ExitCodes.Success;
        });
        return verb.WithExamples(
            ("Check the manifests of a folder", "podfence validate -f manifests/"),
            ("Check what a template renders", "helm template chart/ | podfence validate -f -"),
            (
                "In a GitHub workflow, annotating the lines, failing on warnings too",
                "podfence validate -f manifests/ -R -o github --fail-on warning"
            )
        );
    }

    // Skipped objects are reported too: a file in which everything was skipped has not been validated.
    private static string Scope(ObjectSet manifests)
    {
        var valid = manifests.Objects.Count - manifests.ImpliedNamespaces.Count + manifests.Workloads.Count;
        var ignored = manifests.IgnoredKinds.Values.Sum();
        return $"{DiagnosticText.Counted(valid, "valid object", "valid objects")}{(ignored == 0 ? "" : $", {ignored} of other kinds skipped")}";
    }
}
