using System.CommandLine;
using Podfence.Analysis;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Output formats of a test run.</summary>
internal enum TestFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,

    /// <summary>The XML that CI systems read.</summary>
    Junit,
}

/// <summary><c>podfence test</c>: unit tests for policies, without a cluster.</summary>
internal static class TestVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var tests = new Argument<string[]>("TESTS")
        {
            Description = "Files and folders with expectations (format: docs/guide/manifests.md)",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var generate = new Option<bool>("--generate")
        {
            Description = "Write what the policies allow today as a test file, instead of testing",
        };
        var output = EnumOption.Create("--output", "Output format", TestFormat.Text, "-o");
        var verb = new Command("test", "Run unit tests for policies; exit code 2 if an expectation does not hold")
        {
            tests,
        };
        cluster.AddTo(verb);
        verb.Add(generate);
        verb.Add(output);
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var files = parsed.GetValue(tests)!;
                if (parsed.GetValue(generate))
                {
                    return files.Length > 0
                        ? throw new CliException("--generate does not run tests: leave the test files out")
                        : Generate(
                            await cluster.ReadAsync(parsed, cancel),
                            cluster.Scope(parsed),
                            parsed.Terminal().Output,
                            cancel
                        );
                }

                var expectations = ReadTests(files, cluster.Finding(parsed));
                return Run(
                    await cluster.ReadAsync(parsed, cancel),
                    expectations,
                    parsed.GetValue(output),
                    parsed.Terminal(),
                    cancel
                );
            }
        );
        return verb.WithExamples(
            ("Run the tests of a folder against the manifests of another", "podfence test -f manifests/ tests/"),
            ("For a CI system", "podfence test -f manifests/ tests/ -o junit > report.xml"),
            ("Write the current state as a test file", "podfence test -f manifests/ --generate > tests/today.yaml")
        );
    }

    private static int Generate(Cluster cluster, string? scope, TextWriter output, CancellationToken cancel)
    {
        var lines = ExpectationGenerator
            .Lines(cluster, pod => scope is null || pod.Key.Namespace == scope, cancel)
            .ToList();
        if (lines.Count == 0)
        {
            throw new CliException("nothing to expect: no pod declares a port, and no policy restricts egress");
        }

        output.WriteLine(
            "# What the policies allowed when podfence test --generate wrote this. Keep the lines that matter, "
                + "and add why."
        );
        output.WriteLine("expect:");
        lines.ForEach(output.WriteLine);
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Expectation> ReadTests(string[] files, ManifestReaderOptions finding)
    {
        if (files.Length == 0)
        {
            throw new CliException("no tests: give files or folders with expectations, or write some with --generate");
        }

        var expectations = ExpectationReader.Read(files, finding);
        // A file without expectations would pass whatever the policies are.
        return expectations.HasErrors
                ? throw new CliException($"the expectations have errors\n{string.Join('\n', expectations.Diagnostics)}")
            : expectations.Items.Count == 0
                ? throw new CliException($"{string.Join(", ", files)}: no expectations: write a list under expect")
            : expectations.Items;
    }

    private static int Run(
        Cluster cluster,
        IReadOnlyList<Expectation> expectations,
        TestFormat format,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        var report = PolicyTests.Run(cluster, expectations, cancel);
        if (report.Diagnostics.Count > 0)
        {
            throw new CliException($"some expectations match no flow\n{string.Join('\n', report.Diagnostics)}");
        }

        switch (format)
        {
            case TestFormat.Json:
                terminal.Output.WriteLine(TestJson.Text(cluster, report));
                break;
            case TestFormat.Junit:
                JunitReport.Write(cluster, report, terminal.Output);
                break;
            default:
                TestReportText.Write(cluster, report, terminal);
                break;
        }

        return report.Holds ? ExitCodes.Success : ExitCodes.Differs;
    }
}
