using Podfence.Analysis;
using Podfence.Base;
using Podfence.Evaluation;

namespace Podfence.Cli;

/// <summary>Writes test results for people: a line for each file that holds, every mismatch in full.</summary>
internal static class TestReportText
{
    public static void Write(Cluster cluster, TestReport report, Terminal terminal)
    {
        var output = terminal.Output;
        foreach (var file in report.Results.GroupBy(static result => result.Expectation.Location.File ?? ""))
        {
            var failed = file.Where(static result => !result.Holds).ToList();
            var word = failed.Count == 0 ? Paint("ok", Tone.Good, terminal) : Paint("FAIL", Tone.Bad, terminal);
            output.WriteLine(
                $"{word} {GoText.EscapeControl(file.Key)}: {file.Count() - failed.Count} of {file.Count()} expectations hold "
                    + $"({file.Sum(static result => result.Flows)} flows)"
            );
            foreach (var result in failed)
            {
                WriteMismatch(cluster, result, terminal);
            }
        }

        var mismatches = report.Results.Count(static result => !result.Holds);
        output.WriteLine(
            $"{report.Results.Count} expectations, {report.Results.Sum(static result => result.Flows)} flows: "
                + $"{report.Results.Count - mismatches} held, {mismatches} did not"
        );
    }

    /// <summary>How many flows of a line are not as expected, and what was: <c>2 of 4 flows are denied</c>.</summary>
    public static string Mismatch(TestResult result)
    {
        var count = result.Mismatches.Sum(static flow => flow.Flows);
        var verdict = result.Expectation.Verdict == ExpectedVerdict.Allow ? "denied" : "allowed";
        return result.Flows == 1
            ? $"it is {verdict}"
            : $"{count} of {result.Flows} flows {(count == 1 ? "is" : "are")} {verdict}";
    }

    /// <summary>Every mismatch of a line in full, without colour.</summary>
    public static string Explain(Cluster cluster, TestResult result)
    {
        var text = new StringWriter { NewLine = "\n" };
        var plain = new Terminal(text, text);
        foreach (var flow in result.Mismatches)
        {
            ExplainReport.WriteText(cluster, flow, plain, "");
        }

        return text.ToString();
    }

    private static void WriteMismatch(Cluster cluster, TestResult result, Terminal terminal)
    {
        var output = terminal.Output;
        var why = result.Expectation.Why is { } reason ? $" ({GoText.EscapeControl(reason)})" : "";
        output.WriteLine();
        output.WriteLine($"  {result.Expectation.Location}: {result.Expectation}{why}: {Mismatch(result)}");
        foreach (var flow in result.Mismatches)
        {
            ExplainReport.WriteText(cluster, flow, terminal, "    ");
        }

        output.WriteLine();
    }

    private static string Paint(string text, Tone tone, Terminal terminal) =>
        terminal.Colour ? Ansi.Paint(text, tone) : text;
}
