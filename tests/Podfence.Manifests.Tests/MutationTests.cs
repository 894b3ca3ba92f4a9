using Podfence.Analysis;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Manifests.Tests;

/// <summary>
/// Mutated manifests and expectation files: reading ends with an answer, everything that is left out is told of, and what is told names file, line, field and remedy.
/// eng/fuzz.sh tries a million.
/// </summary>
public sealed class MutationTests
{
    private const int InEveryRun = 3000;

    // Words by which a message says itself what to write.
    private static readonly string[] s_sayingWhat = ["must ", "must be", "may not ", "supported values", "Required value", "keep one", "should be", "not be longer", "must be"];

    private static readonly FuzzCorpus s_corpus = new(Samples.RepositoryFile("tests/scenarios"), Samples.RepositoryFile("examples"));

    [Fact]
    public Task Read_MutatedManifests_LeavesNothingOutInSilence() => FuzzRun.CheckAsync("manifests", InEveryRun, s_corpus.Manifests, static (file, count) => Task.FromResult(CheckManifests(file, count)));

    [Fact]
    public Task Read_MutatedExpectations_LeavesNothingOutInSilence() => FuzzRun.CheckAsync("expectations", InEveryRun, s_corpus.Expectations, static (file, count) => Task.FromResult(CheckExpectations(file, count)));

    private static string? CheckManifests(FuzzFile file, Action<string> count)
    {
        var manifests = ManifestReader.ReadPaths([ManifestReader.StandardInput], new() { StandardInput = () => new MemoryStream(file.Content) });
        count(manifests.HasErrors ? "refused" : "taken");
        var errors = manifests.Diagnostics.Count(static fault => fault.IsError);
        var taken = manifests.Objects.Count - manifests.ImpliedNamespaces.Count + manifests.Workloads.Count + manifests.IgnoredKinds.Values.Sum();
        var written = Written(file);
        return CheckFaults(file, manifests.Diagnostics)
            ?? (written - taken > errors ? $"{written} objects, {taken} taken, and only {errors} errors" : null)
            ?? manifests.Objects.Where(item => file.Seed % 4 == 0 && !manifests.ImpliedNamespaces.Contains(item.Namespace?.Name)).Select(CheckTaken).FirstOrDefault(static fault => fault is not null);
    }

    private static string? CheckExpectations(FuzzFile file, Action<string> count)
    {
        var expectations = ExpectationReader.Read([ManifestReader.StandardInput], new() { StandardInput = () => new MemoryStream(file.Content) });
        count(expectations.HasErrors ? "refused" : "taken");
        var written = Documents(file).Sum(static root => ((root as TreeMap)?["expect"] as TreeList)?.Items.Count ?? 0);
        var errors = expectations.Diagnostics.Count(static fault => fault.IsError);
        return CheckFaults(file, expectations.Diagnostics)
            ?? (written - expectations.Items.Count > errors ? $"{written} lines, {expectations.Items.Count} taken, and only {errors} errors" : null)
            ?? expectations.Items.Where(static item => item.Port is < 1 or > 65535 || item.Location.Line < 1).Select(static item => $"taken, but {item} at {item.Location} is none").FirstOrDefault();
    }

    // Of every fourth file, because it takes longer than the reading. What is taken is understood: written as an object of the API, it is taken again and is the same.
    private static string? CheckTaken(ClusterObject item)
    {
        var json = ManifestWriter.ToJson(item);
        var again = ManifestReader.ReadText(json, "again.json");
        return again.HasErrors ? $"{item.Reference} is taken, but not what it is written as: {string.Join(", ", again.Diagnostics)}"
            : ManifestWriter.ToJson(again.Objects[0]) != json ? $"{item.Reference} is read as {json}, and that as {ManifestWriter.ToJson(again.Objects[0])}" : null;
    }

    private static string? CheckFaults(FuzzFile file, IReadOnlyList<Diagnostic> faults)
    {
        var lines = Lines(file);
        return faults.Select(fault => CheckFault(fault, lines)).FirstOrDefault(static fault => fault is not null);
    }

    private static string? CheckFault(Diagnostic fault, int lines)
    {
        return fault.Location.File != ManifestReader.StandardInput ? $"no file: {fault}"
            : fault.Location.Line < 1 || fault.Location.Line > lines ? $"no line of the {lines}: {fault}"
            : fault.Message.Length == 0 ? $"no message: {fault}"
            : fault.ToString().AsSpan().ContainsAnyInRange('\0', '\u001f') || fault.ToString().Contains('\u007f', StringComparison.Ordinal) ? $"characters that a screen obeys: {fault.ToString().ReplaceLineEndings("?")}"
            : fault.Remedy is null && !s_sayingWhat.Any(words => fault.Message.Contains(words, StringComparison.Ordinal)) ? $"no remedy: {fault}"
            : fault.Field is null && fault.Message.Contains("spec.", StringComparison.Ordinal) ? $"no field: {fault}"
            : null;
    }

    // As editors count: a carriage return alone ends a line too.
    private static int Lines(FuzzFile file) => file.Content.AsSpan().Count((byte)'\n') + file.Content.AsSpan().Count((byte)'\r') + 1;

    private static int Written(FuzzFile file) => Documents(file).Sum(static root => Objects(root, null));

    // A fault of the text keeps its whole document out.
    private static IEnumerable<TreeNode> Documents(FuzzFile file) =>
        ManifestReader.Parse(ManifestReader.StandardInput, file.Content, static _ => { }).Where(static document => document.SyntaxErrors.Count == 0).Select(static document => document.Root).OfType<TreeNode>();

    private static int Objects(TreeNode root, string? version)
    {
        var map = root as TreeMap;
        var (apiVersion, kind) = (map?["apiVersion"] as TreeScalar, map?["kind"] as TreeScalar);
        return kind is { Kind: ScalarKind.String } && (apiVersion?.Text ?? version) is { } stated && ObjectKinds.IsList(stated, kind.Text, out _)
            ? (map!["items"] as TreeList)?.Items.Sum(item => Objects(item, stated)) ?? 0
            : root is TreeScalar { Kind: ScalarKind.Null } && version is null ? 0 : 1;
    }
}
