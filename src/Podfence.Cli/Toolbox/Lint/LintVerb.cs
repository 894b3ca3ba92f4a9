using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>The lowest severity that makes the command exit with 2.</summary>
internal enum FailOn
{
    /// <summary>Any finding.</summary>
    Info,

    /// <summary>Warnings and errors.</summary>
    Warning,

    /// <summary>Errors only.</summary>
    Error,

    /// <summary>Never.</summary>
    Never,
}

/// <summary><c>podfence lint</c>: policy that is valid but probably not intended.</summary>
internal static class LintVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var only = new Option<string[]>("--rule")
        {
            Description = "Run only these rules, by number or name; comma-separated or repeated",
            HelpName = "RULE",
        };
        var skip = new Option<string[]>("--skip")
        {
            Description = "Skip these rules; given as with --rule",
            HelpName = "RULE",
        };
        var severity = EnumOption.Create("--severity", "Show findings of this severity and above", LintSeverity.Info);
        var failOn = EnumOption.Create(
            "--fail-on",
            "Exit with 2 if there are findings of this severity and above",
            FailOn.Warning
        );
        var list = new Option<bool>("--list") { Description = "List the rules and exit" };
        var explain = new Option<string?>("--explain")
        {
            Description = "Print the documentation of a rule and exit",
            HelpName = "RULE",
        };
        var output = DiagnosticOutput.CreateOption();
        var verb = new Command(
            "lint",
            "Find policy that is valid but probably not intended; exit code 2 if something is found"
        );
        cluster.AddTo(verb);
        new Option[] { only, skip, severity, failOn, list, explain, output }
            .ToList()
            .ForEach(verb.Add);
        verb.SetAction(
            async (parsed, cancel) =>
            {
                if (parsed.GetValue(list) || parsed.GetValue(explain) is not null)
                {
                    LintPages.Write(parsed.GetValue(explain), parsed.Terminal());
                    return ExitCodes.Success;
                }

                var options = new LintOptions
                {
                    Rules = Choose(parsed.GetValue(only) ?? [], parsed.GetValue(skip) ?? []),
                    MinSeverity = parsed.GetValue(severity),
                    Namespace = cluster.Scope(parsed),
                };
                var report = Linter.Run(await cluster.ReadAsync(parsed, cancel), options, cancel);
                DiagnosticOutput.Write(Describe(report, options), parsed.GetValue(output), parsed.Terminal());
                return report.Findings.Any(finding => (int)finding.Severity >= (int)parsed.GetValue(failOn).Value)
                    ? ExitCodes.Differs
                    : ExitCodes.Success;
            }
        );
        return verb.WithExamples(
            ("Lint the manifests of a folder", "podfence lint -f manifests/"),
            (
                "In a GitHub workflow, annotating the lines, failing on errors only",
                "podfence lint -f manifests/ -R -o github --fail-on error"
            ),
            ("For a code scanner", "podfence lint -f manifests/ -o sarif"),
            ("Two rules only", "podfence lint -f manifests/ --rule PF001,dns-cut-off"),
            ("Explain a rule", "podfence lint --explain PF001")
        );
    }

    private static Diagnostics Describe(LintReport report, LintOptions options) =>
        new(
            [.. report.Findings.Select(CheckResult.Of)],
            [.. options.Rules.Select(DiagnosticKind.Of)],
            DiagnosticText.Counted(report.Policies, "policy", "policies"),
            report.Silenced
        );

    private static IReadOnlyList<LintRule> Choose(string[] only, string[] skip)
    {
        var chosen = Named(only);
        var skipped = Named(skip);
        IReadOnlyList<LintRule> rules =
        [
            .. LintRules.All.Where(rule => (only.Length == 0 || chosen.Contains(rule)) && !skipped.Contains(rule)),
        ];
        return rules.Count > 0
            ? rules
            : throw new CliException("no rule is left to run: --skip has every rule of --rule");
    }

    private static HashSet<LintRule> Named(string[] words) =>
        [
            .. words
                .SelectMany(static word =>
                    word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                )
                .Select(LintPages.Find),
        ];
}
