using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Podfence.Bench;

/// <summary>Writes a run for programs, and reads it again.</summary>
internal static class JsonReport
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(Report report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteBoolean("quick", report.IsQuick);
            json.WriteStartObject("machine");
            foreach (var (name, value) in report.Machine.Facts)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("figures");
            foreach (var section in report.Sections)
            {
                section.Figures.ForEach(figure => Write(json, section, figure));
            }

            json.WriteEndArray();
            json.WriteStartArray("sections");
            foreach (var section in report.Sections)
            {
                Write(json, section);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>
    /// Reads what <see cref="Write(Report)"/> wrote. Pictures have their names and descriptions alone.
    /// </summary>
    public static Report Read(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = json.RootElement;
        var sections = root.GetProperty("sections").EnumerateArray().Select(ReadSection).ToList();
        foreach (var figure in root.GetProperty("figures").EnumerateArray())
        {
            var id = figure.GetProperty("id").GetString()!;
            var section = sections
                .Where(section => id.StartsWith(section.Id + "/", StringComparison.Ordinal))
                .MaxBy(static section => section.Id.Length)
                ?? throw new BenchException($"{file}: no section has the figure {id}");
            section.Figures.Add(ReadFigure(figure, id[(section.Id.Length + 1)..]));
        }

        var facts = root.GetProperty("machine")
            .EnumerateObject()
            .Select(static fact => (fact.Name, fact.Value.GetString()!))
            .ToList();
        return new Report(root.GetProperty("quick").GetBoolean(), new Machine(facts), sections);
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
            if (aim.Hope is { } hope)
            {
                json.WriteNumber("hope", hope);
            }

            json.WriteBoolean("met", aim.IsMet(figure.Value));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Section section)
    {
        json.WriteStartObject();
        json.WriteString("id", section.Id);
        json.WriteString("title", section.Title);
        json.WriteString("text", section.Text);
        json.WriteStartArray("tables");
        foreach (var table in section.Tables)
        {
            json.WriteStartArray();
            IReadOnlyList<string>[] rows = [table.Columns, .. table.Rows];
            foreach (var row in rows)
            {
                // One line per row, so that a diff of two runs can be read.
                json.WriteStringValue(string.Join(" | ", row));
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("pictures");
        foreach (var picture in section.Pictures)
        {
            json.WriteStartObject();
            json.WriteString("name", picture.Name);
            json.WriteString("description", picture.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Section ReadSection(JsonElement json)
    {
        var section = new Section(json.GetProperty("id").GetString()!, json.GetProperty("title").GetString()!)
        {
            Text = json.GetProperty("text").GetString()!,
        };
        foreach (
            var rows in json.GetProperty("tables")
                .EnumerateArray()
                .Select(static table =>
                    table.EnumerateArray().Select(static row => row.GetString()!.Split(" | ")).ToList()
                )
        )
        {
            var table = new Table(rows[0]);
            rows[1..].ForEach(table.Add);
            section.Tables.Add(table);
        }

        section.Pictures.AddRange(
            json.GetProperty("pictures")
                .EnumerateArray()
                .Select(static picture => new Picture(
                    picture.GetProperty("name").GetString()!,
                    picture.GetProperty("description").GetString()!,
                    ""
                ))
        );
        return section;
    }

    private static Figure ReadFigure(JsonElement json, string id)
    {
        double? Number(string name) => json.TryGetProperty(name, out var value) ? value.GetDouble() : null;
        var aim = (Number("atMost"), Number("atLeast")) switch
        {
            ({ } most, _) => Aim.Most(most),
            (_, { } least) => Aim.Least(least, Number("hope")),
            _ => null,
        };
        var unit = json.GetProperty("unit").GetString()!;
        return new Figure(
            id,
            json.GetProperty("name").GetString()!,
            Number("median")!.Value,
            Number("p25")!.Value,
            Number("p75")!.Value,
            unit == "ratio" ? "" : unit,
            aim
        );
    }

    // Five significant digits: more would only be noise in a diff.
    private static double Rounded(double value) =>
        value == 0 || !double.IsFinite(value) ? 0 : double.Parse(value.ToString("G5"));
}
