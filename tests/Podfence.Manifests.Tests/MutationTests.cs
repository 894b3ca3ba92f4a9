using Podfence.Analysis;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Manifests.Tests;

/// <summary>
/// Mutated manifests and expectation files can be read, everything left out is reported, and each report has file,
/// line, field and remedy. eng/fuzz.sh tries a million.
/// </summary>
public sealed class MutationTests
{
    private const int InEveryRun = 3000;

    // Words of messages that are a remedy themselves.
    private static readonly string[] s_remedyWords =
    [
        "must ",
        "must be",
        "may not ",
        "supported values",
        "Required value",
        "keep one",
        "should be",
        "not be longer",
        "must be",
    ];

    private static readonly FuzzCorpus s_corpus = new(
        Samples.RepositoryFile("tests/scenarios"),
        Samples.RepositoryFile("examples")
    );

    [Fact]
    public Task Read_MutatedManifests_ReportsEverythingLeftOut() =>
        FuzzRun.CheckAsync("manifests", InEveryRun, s_corpus.Manifests, static (file, count) =>
            Task.FromResult(CheckManifests(file, count))
        );

    [Fact]
    public Task Read_MutatedExpectations_ReportsEverythingLeftOut() =>
        FuzzRun.CheckAsync("expectations", InEveryRun, s_corpus.Expectations, static (file, count) =>
            Task.FromResult(CheckExpectations(file, count))
        );

    private static string? CheckManifests(FuzzFile file, Action<string> count)
    {
        var manifests = ManifestReader.ReadPaths(
            [ManifestReader.StandardInput],
            new() { StandardInput = () => new MemoryStream(file.Content) }
        );
        count(manifests.HasErrors ? "rejected" : "accepted");
        var errors = manifests.Diagnostics.Count(static found => found.IsError);
        var accepted =
            manifests.Objects.Count
            - manifests.ImpliedNamespaces.Count
            + manifests.Workloads.Count
            + manifests.IgnoredKinds.Values.Sum();
        var written = Written(file);
        return CheckAll(file, manifests.Diagnostics)
            ?? (
                written - accepted > errors ? $"{written} objects, {accepted} accepted, and only {errors} errors" : null
            )
            ?? manifests
                .Objects.Where(item =>
                    file.Seed % 4 == 0 && !manifests.ImpliedNamespaces.Contains(item.Namespace?.Name)
                )
                .Select(CheckAccepted)
                .FirstOrDefault(static found => found is not null);
    }

    private static string? CheckExpectations(FuzzFile file, Action<string> count)
    {
        var expectations = ExpectationReader.Read(
            [ManifestReader.StandardInput],
            new() { StandardInput = () => new MemoryStream(file.Content) }
        );
        count(expectations.HasErrors ? "rejected" : "accepted");
        var written = Documents(file).Sum(static root => ((root as TreeMap)?["expect"] as TreeList)?.Items.Count ?? 0);
        var errors = expectations.Diagnostics.Count(static found => found.IsError);
        return CheckAll(file, expectations.Diagnostics)
            ?? (
                written - expectations.Items.Count > errors
                    ? $"{written} lines, {expectations.Items.Count} accepted, and only {errors} errors"
                    : null
            )
            ?? expectations
                .Items.Where(static item => item.Port is < 1 or > 65535 || item.Location.Line < 1)
                .Select(static item => $"accepted, but {item} at {item.Location} is invalid")
                .FirstOrDefault();
    }

    // For every fourth file, because it takes longer than reading. What was accepted can be written as an API object
    // and read again, and is the same.
    private static string? CheckAccepted(ClusterObject item)
    {
        var json = ManifestWriter.ToJson(item);
        var again = ManifestReader.ReadText(json, "again.json");
        return again.HasErrors
                ? $"{item.Reference} is accepted, but not when written again: {string.Join(", ", again.Diagnostics)}"
            : ManifestWriter.ToJson(again.Objects[0]) != json
                ? $"{item.Reference} is read as {json}, and that as {ManifestWriter.ToJson(again.Objects[0])}"
            : null;
    }

    private static string? CheckAll(FuzzFile file, IReadOnlyList<Diagnostic> diagnostics)
    {
        var lines = Lines(file);
        return diagnostics.Select(found => CheckOne(found, lines)).FirstOrDefault(static found => found is not null);
    }

    private static string? CheckOne(Diagnostic found, int lines)
    {
        return found.Location.File != ManifestReader.StandardInput ? $"no file: {found}"
            : found.Location.Line < 1 || found.Location.Line > lines ? $"no line of the {lines}: {found}"
            : found.Message.Length == 0 ? $"no message: {found}"
            : found.ToString().AsSpan().ContainsAnyInRange('\0', '\u001f')
            || found.ToString().Contains('\u007f', StringComparison.Ordinal)
                ? $"control characters: {found.ToString().ReplaceLineEndings("?")}"
            : found.Remedy is null
            && !s_remedyWords.Any(words => found.Message.Contains(words, StringComparison.Ordinal))
                ? $"no remedy: {found}"
            : found.Field is null && found.Message.Contains("spec.", StringComparison.Ordinal) ? $"no field: {found}"
            : null;
    }

    // As editors count: a carriage return alone ends a line too.
    private static int Lines(FuzzFile file) =>
        file.Content.AsSpan().Count((byte)'\n') + file.Content.AsSpan().Count((byte)'\r') + 1;

    private static int Written(FuzzFile file) => Documents(file).Sum(static root => Objects(root, null));

    // A syntax error rejects its whole document.
    private static IEnumerable<TreeNode> Documents(FuzzFile file) =>
        ManifestReader
            .Parse(ManifestReader.StandardInput, file.Content, static _ => { })
            .Where(static document => document.SyntaxErrors.Count == 0)
            .Select(static document => document.Root)
            .OfType<TreeNode>();

    private static int Objects(TreeNode root, string? version)
    {
        var map = root as TreeMap;
        var (apiVersion, kind) = (map?["apiVersion"] as TreeScalar, map?["kind"] as TreeScalar);
        return kind is { Kind: ScalarKind.String }
            && (apiVersion?.Text ?? version) is { } stated
            && ObjectKinds.IsList(stated, kind.Text, out _)
                ? (map!["items"] as TreeList)?.Items.Sum(item => Objects(item, stated)) ?? 0
            : root is TreeScalar { Kind: ScalarKind.Null } && version is null ? 0
            : 1;
    }
}
