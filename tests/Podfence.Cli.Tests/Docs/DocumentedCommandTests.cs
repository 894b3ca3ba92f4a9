using System.Text.RegularExpressions;

namespace Podfence.Cli.Tests;

/// <summary>
/// Every command in a block ```sh or ```console of a document. A page's commands run in order, in one shell, in a
/// folder that has the examples; what a console block prints is what they write. Blocks marked `cluster` or `machine`
/// are not run: their commands must parse, and what they name must exist.
/// With PODFENCE_UPDATE=1 the output of console blocks is written into the pages, to be read in the diff.
/// </summary>
public sealed partial class DocumentedCommandTests
{
    // What an unmarked block may run: nothing that changes a machine.
    private static readonly string[] s_harmless =
    [
        "podfence",
        "cat",
        "printf",
        "echo",
        "grep",
        "seq",
        "sort",
        "tail",
        "head",
        "cut",
        "source",
        "done",
    ];

    public static TheoryData<string> Pages => [.. DocumentPage.All];

    public static TheoryData<string> PagesThatRun =>
        [.. DocumentPage.All.Where(static page => DocumentPage.Read(page).Any(static command => command.Block.Runs))];

    [Theory, MemberData(nameof(PagesThatRun))]
    public async Task Run_CommandsOfAPage_DoWhatIsPrinted(string page)
    {
        var commands = DocumentPage
            .Read(page)
            .Where(static command => command.Block.Runs)
            .Where(static command => command.Block.Mark != "root" || Environment.IsPrivilegedProcess)
            .ToList();
        Assert.SkipWhen(commands.Count == 0, "every command of this page needs root");
        Assert.All(commands, command => Assert.True(IsHarmless(command), $"{page}:{command.Line}: {NotRun(command)}"));
        var runs = await DocumentShell.RunAsync([.. commands.Select(static command => command.Text)]);

        if (Environment.GetEnvironmentVariable("PODFENCE_UPDATE") == "1")
        {
            await UpdateAsync(page, commands, runs);
        }

        Assert.All(commands.Zip(runs), pair =>
        {
            var (command, run) = pair;
            var place = $"{page}:{command.Line}";
            Assert.True(
                run.Exit == command.Exit,
                $"{place}: {command.Text}\nexit code {run.Exit}, not {command.Exit}\n{run.Output}"
            );
            if (command.Output is not null)
            {
                Assert.Equal($"{place}\n{Stable(string.Join('\n', command.Output))}", $"{place}\n{Stable(run.Output)}");
            }
        });
    }

    [Theory, MemberData(nameof(Pages))]
    public void Parse_CommandsOfAPage_NameWhatExists(string page)
    {
        var root = CommandLine.CreateRoot();
        var makefile = File.ReadAllText(Path.Combine(CommandRun.Root, "Makefile"));
        var wrong = new List<string>();
        foreach (var command in DocumentPage.Read(page))
        {
            var problems = ShellWords.Commands(command.Text).SelectMany(Problems);
            wrong.AddRange(
                problems.Concat(MarkProblems(command)).Select(problem => $"{page}:{command.Line}: {problem}")
            );
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        IEnumerable<string> Problems(IReadOnlyList<string> words)
        {
            var verb = Arguments(words);
            foreach (var error in verb is null ? [] : root.Parse(verb).Errors)
            {
                yield return $"{string.Join(' ', words)}: {error.Message}";
            }

            foreach (var target in words[0] == "make" ? words.Skip(1).Where(IsTarget) : [])
            {
                if (!makefile.Contains($"\n{target}:", StringComparison.Ordinal))
                {
                    yield return $"make has no target {target}";
                }
            }

            var paths = words.Where(static word => RepositoryPath().IsMatch(word));
            foreach (var path in paths.Where(static path => !Path.Exists(Path.Combine(CommandRun.Root, path))))
            {
                yield return $"{path} does not exist";
            }
        }
    }

    // The arguments of podfence, called by any of its names; null where something else is called.
    private static List<string>? Arguments(IReadOnlyList<string> words)
    {
        var inContainer = words.ToList().IndexOf("--");
        return words switch
        {
            ["podfence" or "artifacts/podfence", ..] => [.. words.Skip(1)],
            ["kubectl" or "sudo", "podfence", ..] => [.. words.Skip(2)],
            ["kubectl", .., _, _] when inContainer > 0 && words[inContainer + 1] == "podfence" =>
            [
                .. words.Skip(inContainer + 2),
            ],
            _ => null,
        };
    }

    private static bool IsTarget(string word) => word[0] != '-' && !word.Contains('=', StringComparison.Ordinal);

    private static IEnumerable<string> MarkProblems(DocumentedCommand command)
    {
        if (command.Block.Mark is not ("" or "root" or "cluster" or "machine"))
        {
            yield return $"the mark {command.Block.Mark} means nothing";
        }

        if (command.Block.Runs && !IsHarmless(command))
        {
            yield return NotRun(command);
        }
    }

    private static string NotRun(DocumentedCommand command) =>
        $"'{command.Text}' is not run by the tests: mark its block cluster or machine";

    private static bool IsHarmless(DocumentedCommand command) =>
        ShellWords
            .Commands(command.Text)
            .All(static words =>
                words[0] == "for" || s_harmless.Contains(words[words[0] == "do" ? 1 : 0], StringComparer.Ordinal)
            );

    // Times differ from run to run, and with them the width of their column.
    private static string Stable(string output) => Spaces().Replace(Time().Replace(output.TrimEnd('\n'), "TIME"), " ");

    private static async Task UpdateAsync(string page, List<DocumentedCommand> commands, IReadOnlyList<ProgramRun> runs)
    {
        var path = Path.Combine(CommandRun.Root, page);
        var lines = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).ToList();
        foreach (var (command, run) in commands.Zip(runs).Where(static pair => pair.First.Output is not null).Reverse())
        {
            if (Stable(string.Join('\n', command.Output!)) != Stable(run.Output))
            {
                lines.RemoveRange(command.End, command.Output!.Count);
                var output = run.Output.TrimEnd('\n');
                lines.InsertRange(command.End, output.Length == 0 ? [] : output.Split('\n').Select(l => l.TrimEnd()));
            }
        }

        await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"\b\d+(\.\d+)? (ms|s)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    [GeneratedRegex(" +", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex(
        @"^((deploy|examples|eng|tests|bench)/[\w./-]+\.\w+|deploy/helm/\w+)$",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex RepositoryPath();
}
