using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Podfence.Architecture.Tests;

/// <summary>What the documents point at is there, and what is there can be found from them.</summary>
public sealed partial class DocumentTests
{
    private static IEnumerable<string> Documents =>
        Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Links_OfEveryDocument_LeadToAFile()
    {
        var dead = Documents.SelectMany(d =>
            Link()
                .Matches(Repository.Text(d))
                .Select(m => m.Groups["to"].Value)
                .Where(to =>
                    !to.Contains("://", StringComparison.Ordinal)
                    && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(d)!, to))
                )
                .Select(to => $"{d}: {to}")
        );

        Finding.None(dead);
    }

    [Fact]
    public void Design_Rooms_AreAllNamed() => Finding.None(NotNamedInDesign(Repository.Rooms));

    [Fact]
    public void Design_Arrows_AreThoseThatAreAsserted()
    {
        static string Short(string room) => room["Podfence.".Length..];
        var others = ArrowTests.MayKnow.Count - 1;
        var arrows = ArrowTests.MayKnow.Select(arrow =>
            $"{Short(arrow.Key), -11}  "
            + arrow.Value.Length switch
            {
                0 => "nothing",
                var count when count == others => "all",
                _ => string.Join(", ", arrow.Value.Select(Short)),
            }
        );

        Assert.Contains(string.Join('\n', arrows), Repository.Text("DESIGN.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Design_Packages_AreAllExplained()
    {
        var packages = XDocument
            .Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
            .Descendants()
            .Where(e => e.Name.LocalName is "PackageVersion" or "GlobalPackageReference")
            .Select(e => e.Attribute("Include")!.Value);

        Finding.None(NotNamedInDesign(packages));
    }

    [Fact]
    public void DocsIndex_Documents_AreAllListed()
    {
        var index = Link()
            .Matches(Repository.Text("docs/README.md"))
            .Select(m => m.Groups["to"].Value)
            .ToHashSet(StringComparer.Ordinal);
        var lost = Documents
            .Where(d => d.StartsWith("docs/", StringComparison.Ordinal) && d != "docs/README.md")
            .Where(d => !index.Contains(d["docs/".Length..]));

        Finding.None(lost);
    }

    [Fact]
    public void Readme_Translation_HasTheSameCommandsPicturesAndLinks()
    {
        Assert.Equal(Blocks("README.md"), Blocks("README.zh-CN.md"));
        Assert.Equal(
            Targets("README.md").Order(StringComparer.Ordinal),
            Targets("README.zh-CN.md").Order(StringComparer.Ordinal)
        );

        static IEnumerable<string> Blocks(string page) => Block().Matches(Repository.Text(page)).Select(m => m.Value);
        static IEnumerable<string> Targets(string page) =>
            Link()
                .Matches(Repository.Text(page))
                .Concat(Picture().Matches(Repository.Text(page)))
                .Select(m => m.Groups["to"].Value)
                .Where(to => !to.StartsWith("README", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal);
    }

    [Fact]
    public void Pictures_OfEveryDocument_Exist()
    {
        var dead = Documents.SelectMany(d =>
            Picture()
                .Matches(Repository.Text(d))
                .Select(m => m.Groups["to"].Value)
                .Where(to => !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(d)!, to)))
                .Select(to => $"{d}: {to}")
        );

        Finding.None(dead);
    }

    private static IEnumerable<string> NotNamedInDesign(IEnumerable<string> names)
    {
        var design = Repository.Text("DESIGN.md");
        return names.Where(n => !design.Contains($"`{n}`", StringComparison.Ordinal));
    }

    // [text](path), with an anchor cut off; links inside the page have no path.
    [GeneratedRegex(@"\]\((?<to>[^)#\s]+)(?:#[^)]*)?\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    // What <picture> shows, for light and dark screens.
    [GeneratedRegex(@"(src|srcset)=""(?<to>[^""]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Picture();

    // A block of commands, with what it prints.
    [GeneratedRegex(
        @"^```(sh|console).*?^```$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.Multiline
    )]
    private static partial Regex Block();
}
