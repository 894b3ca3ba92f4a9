using System.Text.RegularExpressions;

namespace Podfence.Architecture.Tests;

/// <summary>
/// Documents, help texts, messages and log templates use the field's words. Each banned phrase comes with what to write
/// instead.
/// </summary>
public sealed partial class LanguageTests
{
    // Files that are still being rewritten, by how their path begins.
    private static readonly string[] s_pending = [];

    // In source these phrases would be findings themselves, but this file is not among those that are searched.
    private static readonly (Regex Phrase, string Instead)[] s_banned =
    [
        Banned(
            @"told(?! apart| from)|tells?(?! apart)|telling(?! apart)|hears?|heard",
            "report, send, receive, observe"
        ),
        Banned(@"anew", "again, from scratch, new"),
        Banned(@"what becomes of|becomes? of (?:it|them)", "how ... is handled"),
        Banned(@"fares?|fared", "is judged, matched"),
        Banned(@"foretold", "expected, RELATED"),
        Banned(@"as far as it goes|for ever|in vain|next to nothing|there and back|so many times", "say it plainly"),
        Banned(@"lest", "so that ... not"),
        Banned(@"under way", "in flight, in progress"),
        Banned(@"white ?-?list\w*", "allow list"),
        Banned(@"whoever|whomever|whom|wherever", "name the actor"),
        Banned(@"(?:not )?to be had", "(not) available"),
        Banned(@"nobody|somebody|anybody|everybody", "no one, another program, any, all; or name the actor"),
        Banned(@"ours|of ours", "Podfence's, the other program's"),
        Banned(@"strangers?'?", "other programs, foreign"),
        Banned(@"com(?:es?|ing) (?:and|or) go(?:es|ing)?|came and went", "added and removed"),
        Banned(@"lets? go|gives? up (?:an|its|the) address", "releases"),
        Banned(@"hangs? on", "depends on"),
        Banned(@"bears?|borne|borne out", "has, confirms"),
        Banned(@"(?:the|a|one) way to the API server", "how the API server is reached, kubeconfig"),
        Banned(@"go(?:es)? before", "takes precedence over"),
        Banned(@"(?:a|two|each|every|next|last) looks?(?! at| up| like)", "check"),
        Banned(@"says? so", "reports it"),
        Banned(
            @"(?:behind|from behind|round) (?:a|an|the|its|their|his|no|new|old|two|that)? ?fences?",
            "covered by a fence"
        ),
        Banned(@"fence stands|leaves the fence", "rules stay in place"),
        Banned(
            @"(?<!there )(?:is|are) none|(?<!there )(?<!There )(?:is|are) no (?!longer|more|less|fewer|one)\w+",
            "is not a ..."
        ),
        Banned(@"was meant|were meant|(?:what|who) is meant", "matches, selects, intended"),
        Banned(@"thereabouts|hitherto|thereupon|howsoever", "say it plainly"),
    ];

    [Fact]
    public void Documents_UseTheFieldsWords() =>
        Finding.None(
            Repository
                .Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
                .Where(IsHeld)
                .SelectMany(f => Findings(f, Prose(Repository.Text(f))))
        );

    [Fact]
    public void HelpMessagesAndLogTemplates_UseTheFieldsWords() =>
        Finding.None(Repository.Sources("src").Where(IsHeld).SelectMany(f => Findings(f, Texts(Repository.Text(f)))));

    [Fact]
    public void Prose_OfADocument_LeavesCodeAndLinksOut()
    {
        Assert.Equal(
            "a  b\n\n\n\nc ",
            Prose("a `told` b\n```\ntold\n```\nc `told`").Replace(" \n", "\n", StringComparison.Ordinal)
        );
        Assert.NotEmpty(Findings("f", "It is told."));
        Assert.Empty(Findings("f", "There is no rule, and it is no longer used."));
    }

    [Fact]
    public void Texts_OfASource_AreItsSentences() =>
        Assert.Equal("\n it is told \n", Texts("var a = \"x\";\nF(\"it is told\"); // told\n").TrimEnd(' '));

    private static bool IsHeld(string file) => !s_pending.Any(p => file.StartsWith(p, StringComparison.Ordinal));

    private static (Regex Phrase, string Instead) Banned(string phrase, string instead) =>
        (new Regex($@"(?<![\w-])(?:{phrase})(?![\w-])", RegexOptions.IgnoreCase), instead);

    // Line by line, so that a finding names its place.
    private static IEnumerable<string> Findings(string file, string text) =>
        text.Split('\n')
            .SelectMany(
                (line, i) =>
                    s_banned
                        .Where(b => b.Phrase.IsMatch(line))
                        .Select(b =>
                            $"{file}:{i + 1}: \"{b.Phrase.Match(line).Value}\" (write: {b.Instead}): {line.Trim()}"
                        )
            );

    // Markdown without code blocks and code spans; every line keeps its number.
    private static string Prose(string text) =>
        Code().Replace(text, static m => new string('\n', m.Value.Count(static c => c == '\n')));

    // The string literals of C# that have several words; every line keeps its number.
    private static string Texts(string source) =>
        string.Join(
            '\n',
            NotText()
                .Replace(source, static m => new string('\n', m.Value.Count(static c => c == '\n')))
                .Split('\n')
                .Select(static line =>
                    string.Concat(
                        Literal()
                            .Matches(line)
                            .Select(static m => m.Groups["text"].Value)
                            .Where(static text => text.Contains(' ', StringComparison.Ordinal))
                            .Select(static text => $" {text} ")
                    )
                )
        );

    [GeneratedRegex(@"^```[\s\S]*?^```|`[^`\n]+`|\]\([^)]*\)", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\s*//.*$|(?<=[;{},)\s])// .*$", RegexOptions.Multiline)]
    private static partial Regex NotText();

    [GeneratedRegex(
        """
            "(?<text>(?:\\.|[^"\\\n])*)"
            """,
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Literal();
}
