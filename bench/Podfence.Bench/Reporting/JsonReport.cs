using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Podfence.Bench;

/// <summary>Writes the figures for programs.</summary>
internal static class JsonReport
{
    public static byte[] Write(BenchOptions options, Machine machine, IReadOnlyList<Section> sections)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteBoolean("quick", options.Quick);
            json.WriteStartObject("machine");
            foreach (var (name, value) in machine.Facts)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("figures");
            foreach (var section in sections)
            {
                foreach (var figure in section.Figures)
                {
                    Write(json, section, figure);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter json, Section section, Figure figure)
    {
        json.WriteStartObject();
        json.WriteString("id", $"{section.Id}/{figure.Id}");
        json.WriteString("name", figure.Name);
        json.WriteNumber("median", Rounded(figure.Value));
        json.WriteNumber("p25", Rounded(figure.Low));
        json.WriteNumber("p75", Rounded(figure.High));
        json.WriteString("unit", figure.Unit.Length == 0 ? "ratio" : figure.Unit);
        if (figure.Aim is { } aim)
        {
            json.WriteNumber(aim.IsMost ? "atMost" : "atLeast", aim.Value);
            json.WriteBoolean("met", aim.IsMet(figure.Value));
        }

        json.WriteEndObject();
    }

    // Five significant digits: more would only be noise in a diff.
    private static double Rounded(double value) =>
        value == 0 || !double.IsFinite(value) ? 0 : double.Parse(value.ToString("G5"));
}
