using System.Xml.Linq;

namespace Podfence.Architecture.Tests;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Built =
    [
        "bin",
        "obj",
        "artifacts",
        "TestResults",
        "BenchmarkDotNet.Artifacts",
        "node_modules",
        ".git",
        ".vs",
    ];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Every file that was not built, by its path from the root. Read from disk and not from git, so that a tree
    /// without history can be tested.
    /// </summary>
    public static IReadOnlyList<string> Files { get; } =
    [.. Walk(new DirectoryInfo(Root)).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal)];

    /// <summary>The rooms: names of the projects in src.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
    [
        .. Files
            .Where(f =>
                f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)
            )
            .Select(f => Path.GetFileNameWithoutExtension(f)),
    ];

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>C# files of one folder.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Files.Where(f =>
            f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)
        );

    /// <summary>What the project file of a room includes: names of projects or of packages.</summary>
    public static IReadOnlyList<string> Includes(string room, string item) =>
        [
            .. XDocument
                .Load(Path.Combine(Root, "src", room, room + ".csproj"))
                .Descendants(item)
                .Select(e => e.Attribute("Include")!.Value)
                .Select(v => v.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(v) : v),
        ];

    private static IEnumerable<string> Walk(DirectoryInfo folder) =>
        folder
            .EnumerateFiles()
            .Select(f => f.FullName)
            .Concat(folder.EnumerateDirectories().Where(d => !Built.Contains(d.Name)).SelectMany(Walk));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Podfence.slnx")))
        {
            folder = folder.Parent
                ?? throw new InvalidOperationException($"no Podfence.slnx above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
