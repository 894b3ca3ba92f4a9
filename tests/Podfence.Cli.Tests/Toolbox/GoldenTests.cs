namespace Podfence.Cli.Tests;

/// <summary>
/// Each folder of tests/scenarios/toolbox holds manifests and commands.txt, a line for each run: its name and its
/// command line, in which @ is the folder.
/// The expected output is in NAME.golden. With PODFENCE_UPDATE=1 these files are rewritten, to be read in the diff.
/// </summary>
public sealed class GoldenTests
{
    private const string Folder = "tests/scenarios/toolbox";

    public static TheoryData<string, string> Runs
    {
        get
        {
            var runs = new TheoryData<string, string>();
            foreach (string scenario in CommandRun.Scenarios("toolbox"))
            {
                Commands(scenario).ForEach(command => runs.Add(scenario, command.Name));
            }

            return runs;
        }
    }

    [Theory, MemberData(nameof(Runs))]
    public async Task Run_CommandOfAScenario_WritesItsGoldenFile(string scenario, string name)
    {
        var line = Commands(scenario).Single(command => command.Name == name).Line;
        var words = line.Split(' ')
            .Select(word =>
                word == "@"
                    ? $"{Folder}/{scenario}"
                    : word.Replace("@/", $"{Folder}/{scenario}/", StringComparison.Ordinal).Trim('"')
            );
        var run = await CommandRun.RunAsync([.. words]);

        var actual =
            $"$ podfence {line}\n{run.Output}{(run.Error.Length > 0 ? $"--- error\n{run.Error}" : "")}--- exit {run.Exit}\n".Replace(
                $"{Folder}/{scenario}",
                "@",
                StringComparison.Ordinal
            );
        var file = Path.Combine(CommandRun.Root, Folder, scenario, name + ".golden");
        if (Environment.GetEnvironmentVariable("PODFENCE_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(file, actual, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), actual);
    }

    [Fact]
    public void Scenarios_GoldenFiles_HaveACommand()
    {
        var lost = CommandRun
            .Scenarios("toolbox")
            .SelectMany(row =>
                Directory
                    .EnumerateFiles(Path.Combine(CommandRun.Root, Folder, row.Data), "*.golden")
                    .Where(file =>
                        !Commands(row.Data).Exists(command => command.Name == Path.GetFileNameWithoutExtension(file))
                    )
            );

        Assert.Empty(lost);
    }

    private static List<(string Name, string Line)> Commands(string scenario) =>
        [
            .. File.ReadLines(Path.Combine(CommandRun.Root, Folder, scenario, "commands.txt"))
                .Where(static line => line.Length > 0)
                .Select(static line => line.Split(": ", 2))
                .Select(static parts => (parts[0], parts[1])),
        ];
}
