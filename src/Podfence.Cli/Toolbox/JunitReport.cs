using System.Text;
using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>Writes test results as the XML that CI systems read: a suite for each file, a case for each line.</summary>
internal static class JunitReport
{
    public static void Write(Cluster cluster, TestReport report, TextWriter output)
    {
        output.WriteLine($"<testsuites name=\"podfence\"{Counts(report.Results)}>");
        foreach (var file in report.Results.GroupBy(static result => result.Expectation.Location.File ?? ""))
        {
            output.WriteLine($"  <testsuite name=\"{Escape(file.Key)}\"{Counts([.. file])}>");
            foreach (var result in file)
            {
                WriteCase(cluster, result, output);
            }

            output.WriteLine("  </testsuite>");
        }

        output.WriteLine("</testsuites>");
    }

    private static string Counts(IReadOnlyList<TestResult> results) =>
        $" tests=\"{results.Count}\" failures=\"{results.Count(static result => !result.Holds)}\" errors=\"0\"";

    private static void WriteCase(Cluster cluster, TestResult result, TextWriter output)
    {
        var expectation = result.Expectation;
        var file = Escape(expectation.Location.File ?? "");
        var name = Escape($"{expectation} (line {expectation.Location.Line})");
        output.Write(
            $"    <testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\" line=\"{expectation.Location.Line}\""
        );
        if (result.Holds)
        {
            output.WriteLine("/>");
            return;
        }

        var why = expectation.Why is { } reason ? $"{reason}: " : "";
        output.WriteLine(">");
        output.WriteLine($"      <failure message=\"{Escape(why + TestReportText.Mismatch(result))}\">");
        output.Write(Escape(TestReportText.Explain(cluster, result)));
        output.WriteLine("      </failure>");
        output.WriteLine("    </testcase>");
    }

    /// <summary>Text for content and attributes. Characters that XML 1.0 cannot hold become question marks.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\n' or '\t' => escaped.Append((char)rune.Value),
                < 0x20 or 0xFFFE or 0xFFFF => escaped.Append('?'),
                _ => escaped.Append(rune.ToString()),
            };
        }

        return escaped.ToString();
    }
}
