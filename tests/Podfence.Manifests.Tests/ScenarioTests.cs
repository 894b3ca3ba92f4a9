namespace Podfence.Manifests.Tests;

/// <summary>
/// Each folder of tests/scenarios/manifests has an input and all its diagnostics. PODFENCE_UPDATE=1 regenerates them,
/// for review in the diff.
/// </summary>
public sealed class ScenarioTests
{
    private static readonly string s_root = Samples.RepositoryFile("tests/scenarios/manifests");

    public static TheoryData<string> Names =>
        [
            .. Directory
                .EnumerateDirectories(s_root)
                .Select(folder => Path.GetFileName(folder))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public void ReadText_Scenario_HasItsDiagnostics(string name)
    {
        var folder = Path.Combine(s_root, name);
        var expectedFile = Path.Combine(folder, "faults.txt");
        var manifests = ManifestReader.ReadText(File.ReadAllText(Path.Combine(folder, "input.yaml")), "input.yaml");
        var actual = string.Join('\n', manifests.Diagnostics) + "\n";
        if (Environment.GetEnvironmentVariable("PODFENCE_UPDATE") == "1")
        {
            File.WriteAllText(expectedFile, actual);
        }

        Assert.Equal(File.ReadAllText(expectedFile), actual);
    }
}
