using System.Text.Json;
using Podfence.Analysis;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Cli.Tests;

/// <summary>
/// Mutated manifests and expectation files through the verbs: every run ends with an exit code that its page lists,
/// foreseen and with a reason, all verbs agree on whether the input is sound, and what is for programs can be read by
/// programs. eng/fuzz.sh tries more of them.
/// </summary>
public sealed class MutationTests
{
    private const int InEveryRun = 150;

    private static readonly string[] s_formats = ["text", "json", "sarif", "github"];
    private static readonly FuzzCorpus s_corpus = new(
        CommandRun.Root + "tests/scenarios",
        CommandRun.Root + "examples"
    );

    [Fact]
    public async Task Run_MutatedFiles_EndsForeseen()
    {
        var folder = Directory.CreateTempSubdirectory("podfence-fuzz").FullName;
        try
        {
            await FuzzRun.CheckAsync("verbs", InEveryRun, s_corpus.Manifests, (file, count) =>
                CheckAsync(file, count, folder)
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string?> CheckAsync(FuzzFile file, Action<string> count, string folder)
    {
        var (manifests, tests) = (
            Path.Combine(folder, $"{file.Seed}.yaml"),
            Path.Combine(folder, $"{file.Seed}-expect.yaml")
        );
        await File.WriteAllBytesAsync(manifests, file.Content);
        // Every other file of expectations is a sound one about what is there, so that it gets further than to its
        // first fault.
        await File.WriteAllBytesAsync(
            tests,
            file.Seed % 2 == 0
                ? s_corpus.Expectations(file.Seed).Content
                : "expect:\n- {from: \"*/*\", to: \"*/*\", port: 80, verdict: deny}\n"u8.ToArray()
        );
        try
        {
            var validate = await RunAsync("validate", "-f", manifests, "-o", "json");
            var format = s_formats[(int)(file.Seed % s_formats.Length)];
            var lint = await RunAsync("lint", "-f", manifests, "-o", format);
            var ends = Ends(file);
            var explain = await RunAsync("explain", ends[0], ends[^1] + ":80", "-f", manifests);
            var reach = await RunAsync("explain", ends[0], "-f", manifests, "-o", "json");
            var test = await RunAsync("test", "-f", manifests, tests, "-o", file.Seed % 3 == 0 ? "junit" : "json");
            count($"lint {lint.Exit}");
            count($"explain {explain.Exit}");
            count($"test {test.Exit}");
            return Fault("validate", validate, 0, 1)
                ?? Fault("lint", lint, 0, 1, 2)
                ?? Fault("explain", explain, 0, 1)
                ?? Fault("explain", reach, 0, 1)
                ?? Fault("test", test, 0, 1, 2)
                ?? FaultOfJson("validate", validate.Output)
                ?? (format is "json" or "sarif" && lint.Exit != 1 ? FaultOfJson("lint", lint.Output) : null)
                ?? (reach.Exit == 0 ? FaultOfJson("explain", reach.Output) : null)
                ?? (
                    validate.Exit != (lint.Exit == 1 ? 1 : 0)
                        ? $"validate ends with {validate.Exit}, lint with {lint.Exit}: {lint.Error}"
                        : null
                )
                ?? (
                    validate.Exit == 1 && (explain.Exit != 1 || test.Exit != 1)
                        ? "validate refuses what explain or test takes"
                        : null
                );
        }
        finally
        {
            File.Delete(manifests);
            File.Delete(tests);
        }
    }

    // Whoever is in the file, or somebody who is not.
    private static List<string> Ends(FuzzFile file)
    {
        var read = ManifestReader.ReadPaths(["-"], new() { StandardInput = () => new MemoryStream(file.Content) });
        return
        [
            .. read.Pods.Select(static pod => pod.Key.ToString()),
            .. read.Workloads.Select(static workload => $"{workload.Namespace}/{workload.Ref}"),
            .. read.Nodes.Select(static node => $"node:{node.Name}"),
            "198.51.100.7",
        ];
    }

    private static async Task<ProgramRun> RunAsync(params string[] line)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CommandLine.RunAsync(line, new Terminal(output, error), CancellationToken.None);
        return new(exit, output.ToString(), error.ToString());
    }

    private static string? Fault(string verb, ProgramRun run, params ReadOnlySpan<int> exits) =>
        !exits.Contains(run.Exit) ? $"{verb} ends with {run.Exit}: {run.Error}"
        : run.Error.Contains("PODFENCE_TRACE", StringComparison.Ordinal) ? $"{verb} fails unforeseen: {run.Error}"
        : run.Exit == 1 && run.Error.Length + run.Output.Length == 0 ? $"{verb} fails in silence"
        : (run.Output + run.Error).Any(static c => char.IsControl(c) && c is not ('\n' or '\t'))
            ? $"{verb} writes what a screen obeys: {run.Output}{run.Error}"
        : null;

    private static string? FaultOfJson(string verb, string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return null;
        }
        catch (JsonException fault)
        {
            return $"{verb} writes what is no JSON: {fault.Message}\n{text}";
        }
    }
}
