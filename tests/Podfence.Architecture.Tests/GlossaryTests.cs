using System.Text.RegularExpressions;

namespace Podfence.Architecture.Tests;

/// <summary>The glossary stays short enough to be read.</summary>
public sealed partial class GlossaryTests
{
    private const int MaxTerms = 40;
    private const int MaxSentences = 2;

    private static IReadOnlyList<(string Term, string Meaning)> Entries { get; } =
    [
        .. Entry()
            .Matches(Repository.Text("docs/glossary.md"))
            .Select(m => (m.Groups["term"].Value, m.Groups["meaning"].Value)),
    ];

    [Fact]
    public void Glossary_Terms_AreAtMostForty()
    {
        Assert.NotEmpty(Entries);
        Assert.InRange(Entries.Count, 1, MaxTerms);
    }

    [Fact]
    public void Glossary_Terms_AreDefinedOnce() =>
        Finding.None(Entries.GroupBy(e => e.Term, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key));

    [Fact]
    public void Glossary_Meanings_HaveOneOrTwoSentences() =>
        Finding.None(
            Entries.Where(e => SentenceEnd().Count(e.Meaning) > MaxSentences).Select(e => $"{e.Term}: {e.Meaning}")
        );

    // - **term**: meaning, up to the next entry, heading or blank line.
    [GeneratedRegex(
        @"^- \*\*(?<term>[^*]+)\*\*(?<meaning>[^\n]*(?:\n  [^\n]+)*)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.(?:\s|$)")]
    private static partial Regex SentenceEnd();
}
