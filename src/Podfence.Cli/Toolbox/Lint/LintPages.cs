using Podfence.Analysis;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>Writes the documentation of lint rules.</summary>
internal static class LintPages
{
    /// <summary>The page of a rule, or the list of all.</summary>
    public static void Write(string? rule, Terminal terminal)
    {
        if (rule is not null)
        {
            foreach (var line in LintPage.Of(Find(rule)))
            {
                terminal.Output.WriteLine(line);
            }

            return;
        }

        var table = new TextTable(
            ("RULE", Align.Left),
            ("NAME", Align.Left),
            ("SEVERITY", Align.Left),
            ("FINDS", Align.Left)
        );
        foreach (var item in LintRules.All)
        {
            table.AddRow(item.Id, item.Name, item.Severity.ToString().ToLowerInvariant(), item.Summary);
        }

        table.Write(terminal);
    }

    /// <summary>A rule by number or name.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static LintRule Find(string text)
    {
        var near = DidYouMean.Closest(text, [.. LintRules.All.SelectMany(static rule => new[] { rule.Id, rule.Name })]);
        return LintRules.Find(text)
            ?? throw new CliException(
                $"unknown rule {text}: {(near is null ? "see podfence lint --list" : $"did you mean {near}?")}"
            );
    }
}
