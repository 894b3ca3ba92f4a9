namespace Podfence.Cli.Tests;

/// <summary>Runs command lines in this process, with paths that the repository's tree gives.</summary>
internal static class CommandRun
{
    /// <summary>The folder of the solution, with a slash behind it.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs one command line; paths of the repository come out as they went in.</summary>
    public static Task<ProgramRun> RunAsync(params IReadOnlyList<string> arguments) =>
        RunAsync(static _ => null, arguments);

    /// <summary>The same with environment variables.</summary>
    public static async Task<ProgramRun> RunAsync(
        Func<string, string?> environment,
        params IReadOnlyList<string> arguments
    )
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(
            [.. arguments.Select(Absolute)],
            new Terminal(output, error) { Environment = environment },
            TestContext.Current.CancellationToken
        );
        return new(
            exit,
            output.ToString().Replace(Root, "", StringComparison.Ordinal),
            error.ToString().Replace(Root, "", StringComparison.Ordinal)
        );
    }

    /// <summary>The folders of a folder of scenarios.</summary>
    public static TheoryData<string> Scenarios(string folder) =>
        [
            .. Directory
                .EnumerateDirectories(Path.Combine(Root, "tests/scenarios", folder))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];

    private static string Absolute(string argument) =>
        argument.StartsWith("examples/", StringComparison.Ordinal)
        || argument.StartsWith("tests/", StringComparison.Ordinal)
            ? Root + argument
            : argument;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Podfence.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName + "/";
    }
}
