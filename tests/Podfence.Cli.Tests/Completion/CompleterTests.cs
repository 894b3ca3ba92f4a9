using System.CommandLine;

namespace Podfence.Cli.Tests;

public sealed class CompleterTests
{
    private static readonly RootCommand Root = CommandLine.CreateRoot();

    [Theory]
    [InlineData("exp", "explain")]
    [InlineData("lab u", "up")]
    [InlineData("explain -o ", "text json")]
    [InlineData("explain -o j", "json")]
    [InlineData("explain a b --output j", "json")]
    [InlineData("explain --output=j", "--output=json")]
    [InlineData("explain --al", "--all-namespaces")]
    [InlineData("explain --live --kube", "--kubeconfig")]
    [InlineData("explain -f x --fam", "--family")]
    [InlineData("explain -A --pro", "--protocol")]
    [InlineData("test -- --gen", "")]
    [InlineData("completion f", "fish")]
    [InlineData("completion fish f", "")]
    [InlineData("no-such-verb -", "--help --version")]
    [InlineData("lab dae", "")]
    [InlineData("__", "")]
    public void Of_WhatWasTyped_IsWhatMayComeNext(string line, string words) =>
        Assert.Equal(
            words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            Completer
                .Of(Root, line.Split(' '))
                .Candidates.Select(static found => found.Word)
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("explain -f ", true)]
    [InlineData("explain --filename=", true)]
    [InlineData("explain --kubeconfig x", true)]
    [InlineData("test ", true)]
    [InlineData("test a b", true)]
    [InlineData("explain ", false)]
    [InlineData("explain -o ", false)]
    [InlineData("explain -n ", false)]
    [InlineData("", false)]
    public void Of_WhereFilesMayCome_SaysSo(string line, bool files) =>
        Assert.Equal(files, Completer.Of(Root, line.Split(' ')).TakesFiles);

    [Fact]
    public void Of_NothingTyped_NamesEveryVerbThatIsNotHiddenWithItsDescription()
    {
        var verbs = Completer.Of(Root, [""]).Candidates;

        Assert.Equal(
            Root.Subcommands.Where(static verb => !verb.Hidden)
                .Select(static verb => new Candidate(verb.Name, verb.Description!)),
            verbs
        );
    }

    [Fact]
    public async Task Run_Complete_AnswersInTheFormThatKubectlReads()
    {
        var run = await CommandRun.RunAsync("__complete", "explain", "-f", "x", "--fam");

        Assert.Equal(
            "--family\tAddress family (default: every family that both endpoints have)\n:4\n",
            run.Succeeded().Output
        );
        Assert.Equal(":0\n", (await CommandRun.RunAsync("__complete", "explain", "-f", "")).Output);
    }
}
