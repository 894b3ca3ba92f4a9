using System.Text.RegularExpressions;

namespace Podfence.Architecture.Tests;

/// <summary>
/// Each numbered rule of docs/design/semantics.md names its source and a test or scenario that exists, and the code
/// cites rules that exist.
/// </summary>
public sealed partial class SemanticsTests
{
    private const string Page = "docs/design/semantics.md";

    private static readonly string s_page = Repository.Text(Page);

    [Fact]
    public void Rules_InEachSection_AreNumberedInOrder()
    {
        var numbers = RuleStart()
            .Matches(s_page)
            .Select(m => (Section: int.Parse(m.Groups["section"].Value), Rule: int.Parse(m.Groups["rule"].Value)))
            .ToArray();
        var expected = numbers
            .GroupBy(n => n.Section)
            .SelectMany(section => Enumerable.Range(1, section.Count()).Select(rule => (section.Key, rule)));

        Assert.NotEmpty(numbers);
        Assert.Equal(expected, numbers);
    }

    [Fact]
    public void Rules_InLists_NameSourceAndTest() =>
        Finding.None(
            Items()
                .Where(item =>
                    !item.Contains("Source: ", StringComparison.Ordinal) || !Reference().IsMatch(ShownBy(item))
                )
                .Select(FirstLine)
        );

    // Tables have one source for all rows, above them; the tests too, or a column with the scenario of each row.
    [Fact]
    public void Rules_InTables_NameSourceAndTest()
    {
        var sections = SectionStart().Split(s_page).Where(s => TableRow().IsMatch(s)).ToArray();
        var silent = sections.Where(s =>
            !s.Contains("Source of all rows: ", StringComparison.Ordinal) || !Reference().IsMatch(ShownBy(s))
        );

        Assert.NotEmpty(sections);
        Finding.None(silent.Select(FirstLine));
    }

    [Fact]
    public void Tests_ThatRulesName_Exist()
    {
        var sources = Repository.Sources("tests").Select(Repository.Text).ToArray();
        var missing = Reference()
            .Matches(s_page)
            .Select(m => m.Value.Trim('`'))
            .Distinct()
            .Where(name => !Exists(name, sources));

        Finding.None(missing);
    }

    [Fact]
    public void Rules_ThatTheCodeCites_AreOnThePage()
    {
        var known = RuleStart()
            .Matches(s_page)
            .Select(m => $"S{m.Groups["section"].Value}.{m.Groups["rule"].Value}")
            .ToHashSet(StringComparer.Ordinal);
        var unknown = Repository
            .Sources("src")
            .Concat(Repository.Sources("tests"))
            .SelectMany(f =>
                Citation()
                    .Matches(Repository.Text(f))
                    .Select(m => m.Value)
                    .Where(rule => !known.Contains(rule))
                    .Select(rule => $"{f}: {rule}")
            );

        Finding.None(unknown);
    }

    private static bool Exists(string name, string[] sources) =>
        name.Split('.') switch
        {
            [var folder] => Directory.Exists(Path.Combine(Repository.Root, "tests", "scenarios", folder)),
            [var type, var method] => sources.Any(s =>
                Regex.IsMatch(s, $@"\bclass {type}\b") && s.Contains($" {method}(", StringComparison.Ordinal)
            ),
            _ => false,
        };

    private static IEnumerable<string> Items() => Item().Matches(s_page).Select(m => m.Value);

    private static string ShownBy(string text) =>
        text.IndexOf("Shown by:", StringComparison.Ordinal) is >= 0 and var at ? text[at..] : "";

    private static string FirstLine(string text) => text.TrimStart().Split('\n')[0];

    [GeneratedRegex(
        @"^(?:- \*\*|\| )S(?<section>\d+)\.(?<rule>\d+)\b",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex RuleStart();

    [GeneratedRegex(@"^- \*\*S\d+\.\d+\*\*[^\n]*(?:\n  [^\n]+)*", RegexOptions.Multiline)]
    private static partial Regex Item();

    [GeneratedRegex(@"^\| S\d+\.\d+ \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^(?=## S\d)", RegexOptions.Multiline)]
    private static partial Regex SectionStart();

    // `Class.Method` of a test, or `folder/name` of a scenario.
    [GeneratedRegex(@"`(?:[A-Z]\w*Tests\.[A-Z]\w+|(?:recipes|lint|toolbox|manifests)/[\w-]+)`")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\bS\d+\.\d+\b")]
    private static partial Regex Citation();
}
