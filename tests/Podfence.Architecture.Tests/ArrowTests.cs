using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Podfence.Architecture.Tests;

/// <summary>References between rooms run one way, and packages stay in the room that is there to hide them.</summary>
public sealed class ArrowTests
{
    // What each room may know. The picture of it is in DESIGN.md; a new room needs its line in both.
    internal static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Podfence.Base"] = [],
        ["Podfence.Model"] = ["Podfence.Base"],
        ["Podfence.Manifests"] = ["Podfence.Base", "Podfence.Model"],
        ["Podfence.Rulesets"] = ["Podfence.Base", "Podfence.Model"],
        ["Podfence.Evaluation"] = ["Podfence.Base", "Podfence.Model"],
        ["Podfence.Compilation"] = ["Podfence.Base", "Podfence.Model", "Podfence.Rulesets"],
        ["Podfence.Analysis"] = ["Podfence.Base", "Podfence.Model", "Podfence.Manifests", "Podfence.Evaluation"],
        ["Podfence.Dataplane"] = ["Podfence.Base", "Podfence.Model", "Podfence.Rulesets"],
        ["Podfence.Kubernetes"] = ["Podfence.Base", "Podfence.Model", "Podfence.Manifests"],
        ["Podfence.Agent"] =
        [
            "Podfence.Base",
            "Podfence.Model",
            "Podfence.Manifests",
            "Podfence.Rulesets",
            "Podfence.Evaluation",
            "Podfence.Compilation",
            "Podfence.Dataplane",
            "Podfence.Kubernetes",
        ],
        ["Podfence.Lab"] = ["Podfence.Base", "Podfence.Model", "Podfence.Manifests", "Podfence.Kubernetes"],
        ["Podfence.Cli"] =
        [
            "Podfence.Base",
            "Podfence.Model",
            "Podfence.Manifests",
            "Podfence.Rulesets",
            "Podfence.Evaluation",
            "Podfence.Compilation",
            "Podfence.Analysis",
            "Podfence.Dataplane",
            "Podfence.Kubernetes",
            "Podfence.Agent",
            "Podfence.Lab",
        ],
    };

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Podfence.Manifests"] = ["YamlDotNet"],
        ["Podfence.Agent"] = ["OpenTelemetry.Exporter.Prometheus.AspNetCore"],
        ["Podfence.Cli"] = ["System.CommandLine"],
    };

    public static TheoryData<string> Rooms => [.. Repository.Rooms];

    [Fact]
    public void Rooms_OnDisk_AreThoseThatHaveArrows() =>
        Assert.Equal(MayKnow.Keys.Order(StringComparer.Ordinal), Repository.Rooms);

    [Theory, MemberData(nameof(Rooms))]
    public void ProjectReferences_OfARoom_FollowTheArrows(string room) =>
        Finding.None(Repository.Includes(room, "ProjectReference").Except(MayKnow[room]));

    // A project reference brings the references behind it along, so a room can use what its project file never names.
    [Theory, MemberData(nameof(Rooms))]
    public void AssemblyReferences_OfARoom_FollowTheArrows(string room)
    {
        using var file = new PEReader(File.OpenRead(AssemblyOf(room)));
        var reader = file.GetMetadataReader();
        var known = reader
            .AssemblyReferences.Select(h => reader.GetString(reader.GetAssemblyReference(h).Name))
            .Where(n => n.StartsWith("Podfence.", StringComparison.Ordinal));

        Finding.None(known.Except(MayKnow[room]));
    }

    [Theory, MemberData(nameof(Rooms))]
    public void Packages_OfARoom_AreItsOwn(string room) =>
        Finding.None(Repository.Includes(room, "PackageReference").Except(MayUse.GetValueOrDefault(room, [])));

    [Theory, MemberData(nameof(Rooms))]
    public void Assembly_OfARoom_IsCompiledForNativeAot(string room)
    {
        using var file = new PEReader(File.OpenRead(AssemblyOf(room)));
        var reader = file.GetMetadataReader();
        var marks = reader
            .GetAssemblyDefinition()
            .GetCustomAttributes()
            .Select(reader.GetCustomAttribute)
            .Select(a => System.Text.Encoding.UTF8.GetString(reader.GetBlobBytes(a.Value)));

        // The SDK writes AssemblyMetadata("IsAotCompatible", "True") where the property is on and the analyzers with
        // it.
        Assert.True(
            marks.Any(m => m.Contains("IsAotCompatible\u0004True", StringComparison.Ordinal)),
            $"{room} is not marked IsAotCompatible"
        );
    }

    private static string AssemblyOf(string room) =>
        Path.Combine(AppContext.BaseDirectory, (room == "Podfence.Cli" ? "podfence" : room) + ".dll");
}
