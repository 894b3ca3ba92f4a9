using Podfence.Analysis;

namespace Podfence.Cli.Tests;

/// <summary>
/// docs/guide/lint.md has the page of every rule, as the command line prints it. With PODFENCE_UPDATE=1 they are
/// written into it, under its heading Rules.
/// </summary>
public sealed class LintDocsTests
{
    private const string Heading = "\n## Rules\n";

    [Fact]
    public async Task Docs_Rules_AreThoseOfTheCommandLine()
    {
        var file = Path.Combine(CommandRun.Root, "docs/guide/lint.md");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var front = text[..(text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)];
        var pages = string.Concat(
            LintRules.All.Select(static rule => "\n" + string.Join('\n', LintPage.Of(rule).SelectMany(Wrapped)) + "\n")
        );
        if (Environment.GetEnvironmentVariable("PODFENCE_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(file, front + pages, TestContext.Current.CancellationToken);
            text = front + pages;
        }

        Assert.Equal(front + pages, text);
    }

    // The command line prints a paragraph as one line; lines of documents end at 120 columns.
    private static IEnumerable<string> Wrapped(string paragraph)
    {
        const int Width = 120;
        while (paragraph.Length > Width && paragraph.LastIndexOf(' ', Width) is var space and > 0)
        {
            yield return paragraph[..space];
            paragraph = paragraph[(space + 1)..];
        }

        yield return paragraph;
    }

    [Fact]
    public void Rules_NumbersAndNames_AreUnique()
    {
        Assert.Equal(
            LintRules.All.Select(static (_, index) => $"PF{index + 1:000}"),
            LintRules.All.Select(static rule => rule.Id)
        );
        Assert.Equal(LintRules.All.Count, LintRules.All.Select(static rule => rule.Name).Distinct().Count());
    }
}
