using System.Text.RegularExpressions;
using System.Xml.Linq;
using Podfence.Model;

namespace Podfence.Architecture.Tests;

/// <summary>Habits of the sources that no analyzer watches.</summary>
public sealed partial class SourceTests
{
    // Past this a file holds more than one idea.
    private const int MaxLines = 300;

    // Put together here, because this file is looked through as well.
    private static readonly string[] Unfinished =
    [
        "TO" + "DO",
        "FIX" + "ME",
        "XX" + "X",
        "NotImplemented" + "Exception",
    ];

    // Where images and packages come from is the machine's business, and differs from one to the next.
    private static readonly string[] Registries =
    [
        "nuget" + ".org",
        "deb." + "debian.org",
        "npmjs" + ".org",
        "npmjs" + ".com",
        "docker" + ".io",
        "docker" + ".com",
        "ghcr" + ".io",
        "gcr" + ".io",
        "registry" + ".k8s",
        "quay" + ".io",
        "mcr." + "microsoft.com",
        "pypi" + ".org",
        "proxy." + "golang.org",
    ];

    [Fact]
    public void Sources_OfEveryRoom_HaveAtMostThreeHundredLines()
    {
        var tooLong = Repository
            .Sources("src")
            .Select(f => (File: f, Lines: Repository.Text(f).Count(c => c == '\n')))
            .Where(f => f.Lines > MaxLines)
            .Select(f => $"{f.File}: {f.Lines} lines");

        Finding.None(tooLong);
    }

    [Fact]
    public void Sources_OfEveryRoom_HaveItsNamespace()
    {
        var elsewhere = Repository.Rooms.SelectMany(room =>
            Repository
                .Sources($"src/{room}")
                .Where(f =>
                    Namespace().Matches(Repository.Text(f)) is [var found]
                        ? found.Groups["name"].Value != NamespaceOf(room, f)
                        : !Repository.Text(f).Contains("[assembly:", StringComparison.Ordinal)
                )
        );

        Finding.None(elsewhere);
    }

    [Fact]
    public void Files_OfTheRepository_SayNothingIsUnfinished() =>
        Finding.None(Holding(Unfinished.Select(w => new Regex($@"\b{w}\b"))));

    [Fact]
    public void Files_OfTheRepository_NameNoRegistry() =>
        Finding.None(Holding(Registries.Select(w => new Regex(Regex.Escape(w), RegexOptions.IgnoreCase))));

    [Fact]
    public void Solution_Projects_AreAllThereAre()
    {
        var listed = XDocument
            .Load(Path.Combine(Repository.Root, "Podfence.slnx"))
            .Descendants("Project")
            .Select(p => p.Attribute("Path")!.Value);

        Assert.Equal(
            Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)),
            listed.Order(StringComparer.Ordinal)
        );
    }

    // Folders group files and not names, but for the drivers of the dataplane: each has its own idea of a set and of a
    // chain.
    private static string NamespaceOf(string room, string file) =>
        new[] { "Nftables", "Iptables" }
            .Where(driver => file.StartsWith($"src/Podfence.Dataplane/{driver}/", StringComparison.Ordinal))
            .Select(driver => $"{room}.{driver}")
            .FirstOrDefault(room);

    // Read line by line, so that a finding names its place.
    private static IEnumerable<string> Holding(IEnumerable<Regex> words)
    {
        var all = words.ToArray();
        return Repository.Files.SelectMany(f =>
            Repository
                .Text(f)
                .Split('\n')
                .Select((text, i) => (Text: text, Place: $"{f}:{i + 1}"))
                .Where(l => all.Any(w => w.IsMatch(l.Text)))
                .Select(l => $"{l.Place}: {l.Text.Trim()}")
        );
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Namespace();
}
