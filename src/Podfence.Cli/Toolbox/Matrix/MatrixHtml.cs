using System.Buffers;
using System.Text;
using System.Text.Json;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// A matrix as one page that needs nothing else: what is in it is written as data, which its script draws and filters.
/// </summary>
internal static class MatrixHtml
{
    public static void Write(MatrixReport report, TextWriter output)
    {
        var page = Resource("page.html");
        foreach (
            var part in page.Split("{{")
                .SelectMany(
                    static (text, i) =>
                        i == 0
                            ? [(Slot: "", Text: text)]
                            : new[]
                            {
                                (
                                    Slot: text[..text.IndexOf('}', StringComparison.Ordinal)],
                                    Text: text[(text.IndexOf('}', StringComparison.Ordinal) + 2)..]
                                ),
                            }
                )
        )
        {
            switch (part.Slot)
            {
                case "style":
                    output.Write(Resource("page.css").TrimEnd());
                    break;
                case "script":
                    output.Write(Resource("page.js").TrimEnd());
                    break;
                case "data":
                    WriteData(report, output);
                    break;
            }

            output.Write(part.Text);
        }
    }

    /// <summary>
    /// Rows as runs of numbers of cells, and the cells that they name. The encoder lets no name end the element that
    /// the data is in.
    /// </summary>
    private static void WriteData(MatrixReport report, TextWriter output)
    {
        var cells = new Dictionary<MatrixCell, int>(ReferenceEqualityComparer.Instance) { [MatrixCell.Nothing] = 0 };
        var order = new List<MatrixCell> { MatrixCell.Nothing };
        var kinds = report.Groups.Count(static group => group.Kind == GroupKind.Pods);
        output.Write("{\"what\":");
        Write(output, writer =>
            writer.WriteStringValue(
                $"{kinds} {report.GroupWord}{(report.Options.Namespace is { } only ? $", namespace {only} and its peers" : "")}{(report.Options.Exposure ? ", including pods that do not exist yet" : "")}"
            )
        );
        output.Write(",\"notes\":");
        WriteAll(output, report.Notes, static (writer, note) => writer.WriteStringValue(note));
        output.Write(",\"groups\":");
        WriteAll(output, report.Groups, Write);
        output.Write(",\"rows\":");
        WriteAll(output, Enumerable.Range(0, report.Groups.Count), (writer, from) =>
            WriteRuns(writer, report.Row(from), cells, order)
        );
        output.Write(",\"cells\":");
        WriteAll(output, order, Write);
        output.Write("}");
    }

    private static void Write(Utf8JsonWriter writer, MatrixGroup group)
    {
        writer.WriteStartObject();
        writer.WriteString("n", group.Name);
        writer.WriteString("k", MatrixCsv.Kind(group));
        writer.WriteString("s", group.Namespace == group.Name ? null : group.Namespace);
        writer.WriteNumber("p", group.Pods);
        writer.WriteNumber("i", (int)group.Ingress);
        writer.WriteNumber("e", (int)group.Egress);
        writer.WriteEndObject();
    }

    private static void WriteRuns(
        Utf8JsonWriter writer,
        IReadOnlyList<MatrixCell> row,
        Dictionary<MatrixCell, int> cells,
        List<MatrixCell> order
    )
    {
        writer.WriteStartArray();
        for (var at = 0; at < row.Count; )
        {
            var cell = row[at];
            if (!cells.TryGetValue(cell, out var number))
            {
                cells[cell] = number = order.Count;
                order.Add(cell);
            }

            var first = at;
            while (at < row.Count && ReferenceEquals(row[at], cell))
            {
                at++;
            }

            writer.WriteNumberValue(number);
            writer.WriteNumberValue(at - first);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, MatrixCell cell)
    {
        writer.WriteStartObject();
        writer.WriteString("t", cell.ToString());
        writer.WriteString("c", CellText.Short(cell));
        writer.WriteNumber("o", (int)CellText.Of(cell));
        writer.WriteStartArray("f");
        foreach (var flow in cell.Flows)
        {
            writer.WriteStartObject();
            WriteRanges(writer, "e", flow.Every);
            WriteRanges(writer, "s", flow.Some);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRanges(Utf8JsonWriter writer, string name, PortSet ports)
    {
        writer.WriteStartArray(name);
        foreach (var (protocol, first, last) in ports.Ranges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(protocol.ToString().ToUpperInvariant());
            writer.WriteNumberValue(first);
            writer.WriteNumberValue(last);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteAll<T>(TextWriter output, IEnumerable<T> items, Action<Utf8JsonWriter, T> value)
    {
        output.Write("[");
        var isFirst = true;
        foreach (var item in items)
        {
            output.WriteLine(isFirst ? "" : ",");
            Write(output, writer => value(writer, item));
            isFirst = false;
        }

        output.Write("]");
    }

    private static void Write(TextWriter output, Action<Utf8JsonWriter> value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value(writer);
        }

        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static string Resource(string name)
    {
        using var stream = typeof(MatrixHtml).Assembly.GetManifestResourceStream($"matrix/{name}")
            ?? throw new InvalidOperationException($"{name} is not in the executable");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
