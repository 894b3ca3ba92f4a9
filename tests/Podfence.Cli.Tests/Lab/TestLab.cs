using System.Diagnostics;
using System.Text.Json;
using Podfence.Analysis;

namespace Podfence.Cli.Tests;

/// <summary>
/// A lab of a name of its own with a folder for its manifests. It is taken down when the test ends, however the test
/// ends.
/// </summary>
internal sealed class TestLab : IAsyncDisposable
{
    private static int s_count;

    private readonly LabTraces _traces = new();
    private HashSet<string> _namespaces = [];

    private TestLab()
    {
        Name = $"test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Folder = Directory.CreateTempSubdirectory("podfence-test-").FullName;
    }

    /// <summary>The lab's name.</summary>
    public string Name { get; }

    /// <summary>The folder of its files; manifests are in <c>manifests</c> below it.</summary>
    public string Folder { get; }

    /// <summary>The folder that the lab follows.</summary>
    public string Manifests => Path.Combine(Folder, "manifests");

    /// <summary>A lab that is not up yet.</summary>
    public static TestLab Prepare(string manifests = Samples.Cluster)
    {
        PodfenceProgram.RequireRoot();
        var lab = new TestLab();
        Directory.CreateDirectory(lab.Manifests);
        File.WriteAllText(Path.Combine(lab.Manifests, "cluster.yaml"), manifests);
        return lab;
    }

    /// <summary>A lab that is up.</summary>
    public static async Task<TestLab> UpAsync(params string[] options)
    {
        var lab = Prepare();
        try
        {
            (await lab.StartAsync(options)).Succeeded();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a file into the lab's folder, as one step.</summary>
    /// <returns>Its path.</returns>
    public string Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary><c>lab up</c> of the followed folder.</summary>
    public async Task<ProgramRun> StartAsync(params string[] options)
    {
        var run = await RunAsync(["up", "-f", Manifests, .. options]);
        _namespaces = _traces.Namespaces();
        return run;
    }

    /// <summary>Another verb of the lab.</summary>
    public Task<ProgramRun> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    /// <summary>Another verb of the lab that reads standard input.</summary>
    public Task<ProgramRun> RunAsync(string[] arguments, string? input) =>
        PodfenceProgram.RunAsync(_traces.Mark(), ["lab", arguments[0], "--name", Name, .. arguments.AsSpan(1)], input);

    /// <summary>
    /// What packets do, as <c>allow</c>, <c>deny</c> or the outcome where it is neither; all families have to agree.
    /// </summary>
    public async Task<string> ProbeAsync(string from, string to, int port, params string[] options)
    {
        var run = (
            await RunAsync(["probe", "--from", from, "--to", to, "--port", $"{port}", "-o", "json", .. options])
        ).Succeeded();
        using var json = JsonDocument.Parse(run.Output);
        return Assert.Single(
            json.RootElement.EnumerateArray()
                .Select(static flow =>
                    flow.TryGetProperty("measured", out var word)
                        ? word.GetString()!
                        : flow.GetProperty("outcome").GetString()!
                )
                .Distinct()
        );
    }

    /// <summary><c>lab status -o json</c>.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        var run = (await RunAsync("status", "-o", "json")).Succeeded();
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.Clone();
    }

    /// <summary>Starts a verb and leaves it running.</summary>
    public Process Begin(params string[] arguments) =>
        PodfenceProgram.Start(_traces.Mark(), ["lab", arguments[0], "--name", Name, .. arguments.AsSpan(1)]);

    /// <summary>Asserts that nothing of the lab is left.</summary>
    /// <param name="socketMayBeLeft">
    /// Whether the daemon was killed: then nobody is there to take the socket away, which the next lab of the name
    /// does.
    /// </param>
    public Task AssertGoneAsync(bool socketMayBeLeft = false) =>
        _traces.AssertNoneLeftAsync(_namespaces, socketMayBeLeft ? null : Name);

    /// <summary>The lab's processes that live.</summary>
    public IReadOnlyList<int> Processes() => _traces.Processes();

    /// <summary>
    /// Takes it down, and ends by force what then still lives: a failed test must not leave a lab to the next.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists($"/run/podfence/lab/{Name}.sock"))
        {
            await RunAsync("down");
        }

        foreach (var id in _traces.Processes())
        {
            Signals.Kill(id);
        }

        File.Delete($"/run/podfence/lab/{Name}.sock");
        Directory.Delete(Folder, recursive: true);
    }
}
