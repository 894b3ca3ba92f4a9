using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>From which severity on a finding makes the run fail.</summary>
internal enum FailOn
{
    /// <summary>Infos too.</summary>
    Info,

    /// <summary>Warnings and errors.</summary>
    Warning,

    /// <summary>Errors alone.</summary>
    Error,

    /// <summary>No finding does.</summary>
    Never,
}

/// <summary><c>podfence lint</c>: what is valid in policies and hardly what was meant.</summary>
internal static class LintVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var only = new Option<string[]>("--rule") { Description = "Look for this only, by number or name; several by commas or by giving it again", HelpName = "RULE" };
        var skip = new Option<string[]>("--skip") { Description = "Do not look for this; several as with --rule", HelpName = "RULE" };
        var severity = ChoiceOption.Create("--severity", "Show findings of this severity and above", LintSeverity.Info);
        var failOn = ChoiceOption.Create("--fail-on", "End with exit code 2 if there are findings of this severity and above", FailOn.Warning);
        var list = new Option<bool>("--list") { Description = "List the rules, in place of looking at anything" };
        var explain = new Option<string?>("--explain") { Description = "Print the page of a rule, in place of looking at anything", HelpName = "RULE" };
        var output = DiagnosticOutput.CreateOption();
        var verb = new Command("lint", "Find what is valid in policies and hardly what was meant; exit code 2 if something is found");
        cluster.AddTo(verb);
        new Option[] { only, skip, severity, failOn, list, explain, output }.ToList().ForEach(verb.Add);
        verb.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(list) || parsed.GetValue(explain) is not null)
            {
                LintPages.Write(parsed.GetValue(explain), parsed.Terminal());
                return ExitCodes.Good;
            }

            var options = new LintOptions { Rules = Choose(parsed.GetValue(only) ?? [], parsed.GetValue(skip) ?? []), Least = parsed.GetValue(severity), Namespace = cluster.Scope(parsed) };
            var report = Linter.Run(await cluster.ReadAsync(parsed, cancel), options, cancel);
            DiagnosticOutput.Write(Describe(report, options), parsed.GetValue(output), parsed.Terminal());
            return report.Findings.Any(finding => (int)finding.Severity >= (int)parsed.GetValue(failOn).Value) ? ExitCodes.Differs : ExitCodes.Good;
        });
        return verb.WithExamples(
            ("Look at the manifests of a folder", "podfence lint -f manifests/"),
            ("In a workflow of GitHub, with notes beside the lines, failing on errors only", "podfence lint -f manifests/ -R -o github --fail-on error"),
            ("For a code scanner", "podfence lint -f manifests/ -o sarif"),
            ("Two rules only", "podfence lint -f manifests/ --rule PF001,dns-cut-off"),
            ("What a rule means", "podfence lint --explain PF001"));
    }

    private static Diagnostics Describe(LintReport report, LintOptions options) => new(
        [.. report.Findings.Select(CheckResult.Of)],
        [.. options.Rules.Select(DiagnosticKind.Of)],
        DiagnosticText.Counted(report.Policies, "policy", "policies"),
        report.Silenced);

    private static IReadOnlyList<LintRule> Choose(string[] only, string[] skip)
    {
        var chosen = Named(only);
        var skipped = Named(skip);
        IReadOnlyList<LintRule> rules = [.. LintRules.All.Where(rule => (only.Length == 0 || chosen.Contains(rule)) && !skipped.Contains(rule))];
        return rules.Count > 0 ? rules : throw new CliException("no rule is left to look: every one that --rule names is skipped");
    }

    private static HashSet<LintRule> Named(string[] words) =>
        [.. words.SelectMany(static word => word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(LintPages.Find)];
}
