using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// A matrix for programs, a line for each group and each pair, written as it is computed. Members are added, not
/// renamed.
/// </summary>
internal static class MatrixJson
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(MatrixReport report, TextWriter output)
    {
        var lines = new Lines(output);
        output.WriteLine("{");
        output.WriteLine($"\"classes\": {report.Matrix.Classes},");
        output.Write("\"notes\": ");
        lines.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var note in report.Notes)
            {
                writer.WriteStringValue(note);
            }

            writer.WriteEndArray();
        });
        output.WriteLine(",");
        output.Write("\"groups\": [");
        lines.WriteAll(report.Groups, static (writer, group) => Write(writer, group));
        output.WriteLine("],");
        output.Write("\"connections\": [");
        lines.WriteAll(report.Pairs(), static (writer, pair) => Write(writer, pair.From, pair.To, pair.Cell));
        output.WriteLine("]");
        output.WriteLine("}");
    }

    private static void Write(Utf8JsonWriter writer, MatrixGroup group)
    {
        writer.WriteStartObject();
        writer.WriteString("name", group.Name);
        writer.WriteString("kind", MatrixCsv.Kind(group));
        if (group.Namespace is { } home)
        {
            writer.WriteString("namespace", home);
        }

        if (group.Kind == GroupKind.Pods)
        {
            writer.WriteNumber("pods", group.Pods);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, MatrixGroup from, MatrixGroup to, MatrixCell cell)
    {
        writer.WriteStartObject();
        writer.WriteString("from", from.Name);
        writer.WriteString("to", to.Name);
        writer.WriteStartArray("flows");
        foreach (var flow in cell.Flows)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("families");
            foreach (var family in flow.Families)
            {
                writer.WriteStringValue(ExplainJson.Name(family));
            }

            writer.WriteEndArray();
            Write(writer, flow.Every);
            if (!flow.IsUniform)
            {
                writer.WriteStartObject("betweenSome");
                Write(writer, flow.Some);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, PortSet ports)
    {
        writer.WriteBoolean("allPorts", ports.IsAll);
        writer.WriteStartArray("ports");
        foreach (var (protocol, first, last) in ports.Ranges)
        {
            writer.WriteStartObject();
            writer.WriteString("protocol", protocol.ToString().ToUpperInvariant());
            writer.WriteNumber("first", first);
            writer.WriteNumber("last", last);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("otherProtocols", ports.HasOtherProtocols);
    }

    /// <summary>Writes values through one buffer.</summary>
    private sealed class Lines(TextWriter output)
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(512);

        public void Write(Action<Utf8JsonWriter> value)
        {
            _buffer.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(_buffer, s_options))
            {
                value(writer);
            }

            output.Write(Encoding.UTF8.GetString(_buffer.WrittenSpan));
        }

        public void WriteAll<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> value)
        {
            var isFirst = true;
            foreach (var item in items)
            {
                output.WriteLine(isFirst ? "" : ",");
                Write(writer => value(writer, item));
                isFirst = false;
            }

            output.WriteLine();
        }
    }
}
