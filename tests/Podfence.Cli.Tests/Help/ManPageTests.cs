using System.CommandLine;
using System.Diagnostics;

namespace Podfence.Cli.Tests;

public sealed class ManPageTests
{
    [Fact]
    public void All_TreeOfCommands_HasAPageForEachThatIsNotHidden()
    {
        var pages = ManPage.All(CommandLine.CreateRoot(), "1.2.3").ToList();

        Assert.Contains("podfence", pages.Select(static page => page.Name));
        Assert.Contains("podfence-lab-up", pages.Select(static page => page.Name));
        Assert.DoesNotContain("podfence-lab-daemon", pages.Select(static page => page.Name));
        Assert.All(pages, static page =>
            Assert.StartsWith(
                $".TH \"{page.Name.ToUpperInvariant().Replace("-", "\\-", StringComparison.Ordinal)}\" 1 \"\" "
                    + $"\"podfence 1.2.3\" ",
                page.Text,
                StringComparison.Ordinal
            )
        );
    }

    [Fact]
    public void All_SignsThatTheFormatterReads_AreEscaped()
    {
        var verb = new Command("odd", ".begins - with 'a \\point'")
        {
            new Option<string>("--as-is", "-a") { Description = "~ ^ ` \"x\"", HelpName = "WHAT" },
        };
        var page = ManPage
            .All(new RootCommand("r") { verb.WithExamples(("A line", "podfence odd --as-is '\\n'")) }, "1")
            .Single(static page => page.Name == "podfence-odd")
            .Text;

        Assert.Contains("\n\\&.begins \\- with \\(aqa \\epoint\\(aq\n", page, StringComparison.Ordinal);
        Assert.Contains(
            ".TP\n\\fB\\-a\\fR, \\fB\\-\\-as\\-is\\fR \\fIWHAT\\fR\n\\(ti \\(ha \\(ga \\(dqx\\(dq\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("podfence odd \\-\\-as\\-is \\(aq\\en\\(aq", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groff_EveryPage_HasNoWarnings()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/groff"), "there is no groff on this machine");
        foreach (var (name, text) in ManPage.All(CommandLine.CreateRoot(), "1.2.3"))
        {
            var run = await PodfenceProgram.RunAsync(
                new ProcessStartInfo("/usr/bin/groff"),
                ["-man", "-ww", "-z", "-Tutf8"],
                text
            );

            Assert.True(run is { Exit: 0, Error: "" }, $"{name}: {run.Error}");
        }
    }
}
