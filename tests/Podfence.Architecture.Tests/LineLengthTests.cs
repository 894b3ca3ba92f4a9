using System.Text.RegularExpressions;

namespace Podfence.Architecture.Tests;

/// <summary>
/// Lines of C#, Markdown and shell end at 120 columns. Tables, code blocks of Markdown (what programs print is not
/// broken), lines with a link and lines without a blank to break at are exempt, as are scenarios. eng/format.sh applies
/// the same rule.
/// </summary>
public sealed partial class LineLengthTests
{
    private const int MaxColumns = 120;

    private static readonly string[] s_kinds = [".cs", ".md", ".sh"];

    // Folders whose lines are still longer; nothing may be added.
    private static readonly string[] s_pending =
    [
        .. Repository
            .Text("eng/long-lines.txt")
            .Split('\n')
            .Select(l => l.Trim())
            .Where(l => l.Length > 0 && l[0] != '#'),
    ];

    [Fact]
    public void Lines_OfSourcesAndDocuments_EndAtTheLastColumn()
    {
        var tooLong = Repository
            .Files.Where(f =>
                s_kinds.Contains(Path.GetExtension(f)) && !f.StartsWith("tests/scenarios/", StringComparison.Ordinal)
            )
            .Where(f => !s_pending.Any(p => f.StartsWith(p, StringComparison.Ordinal)))
            .SelectMany(f => Breakable(f).Split('\n').Select((text, i) => (Text: text, Place: $"{f}:{i + 1}")))
            .Where(l => IsTooLong(l.Text))
            .Select(l => $"{l.Place}: {Columns(l.Text)} columns");

        Finding.None(tooLong);
    }

    [Fact]
    public void IsTooLong_OfEachException_IsFalse()
    {
        var word = new string('x', MaxColumns + 1);

        Assert.True(IsTooLong($"a {word}"));
        Assert.False(IsTooLong($"    {word}"));
        Assert.False(IsTooLong($"| a {word} |"));
        Assert.False(IsTooLong($"[a {word}](https://example.com)"));
        Assert.False(IsTooLong("a " + new string('é', MaxColumns - 2)));
    }

    private static bool IsTooLong(string line) =>
        Columns(line) > MaxColumns
        && line.TrimStart() is var text
        && !text.StartsWith('|')
        && !text.Contains("://", StringComparison.Ordinal)
        && text.Contains(' ', StringComparison.Ordinal);

    // Code blocks become blank lines, so that every line keeps its number.
    private static string Breakable(string file) =>
        file.EndsWith(".md", StringComparison.Ordinal)
            ? CodeBlock()
                .Replace(Repository.Text(file), static m => new string('\n', m.Value.Count(static c => c == '\n')))
            : Repository.Text(file);

    [GeneratedRegex(@"^[ ]*```[\s\S]*?^[ ]*```", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    private static int Columns(string line) => line.EnumerateRunes().Count();
}
