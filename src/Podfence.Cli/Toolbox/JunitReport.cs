using System.Globalization;
using System.Text;
using System.Xml;
using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>Writes what became of expectations as the XML that CI systems read: a suite for each file, a case for each line.</summary>
internal static class JunitReport
{
    public static void Write(Cluster cluster, TestReport report, TextWriter output)
    {
        using (var xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true, Encoding = Encoding.UTF8 }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "podfence");
            WriteCounts(xml, report.Results);
            foreach (var file in report.Results.GroupBy(static result => result.Expectation.Location.File ?? ""))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", file.Key);
                WriteCounts(xml, [.. file]);
                foreach (var result in file)
                {
                    WriteCase(cluster, xml, result);
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        output.WriteLine();
    }

    private static void WriteCounts(XmlWriter xml, IReadOnlyList<TestResult> results)
    {
        xml.WriteAttributeString("tests", results.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", results.Count(static result => !result.Holds).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", "0");
    }

    private static void WriteCase(Cluster cluster, XmlWriter xml, TestResult result)
    {
        var expectation = result.Expectation;
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", expectation.Location.File);
        xml.WriteAttributeString("name", $"{expectation} (line {expectation.Location.Line})");
        xml.WriteAttributeString("file", expectation.Location.File);
        xml.WriteAttributeString("line", expectation.Location.Line.ToString(CultureInfo.InvariantCulture));
        if (!result.Holds)
        {
            var why = expectation.Why is { } reason ? $"{reason}: " : "";
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", $"{why}{TestReportText.Surprise(result)}");
            xml.WriteString("\n" + TestReportText.Explain(cluster, result));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}
