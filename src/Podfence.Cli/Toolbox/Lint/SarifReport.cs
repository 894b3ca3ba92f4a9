using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Podfence.Analysis;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary>Writes diagnostics as SARIF 2.1.0 (OASIS), with the documentation of each rule.</summary>
internal static class SarifReport
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    public static string Text(Diagnostics found)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, found.Kinds);
            json.WriteStartArray("results");
            foreach (var item in found.Items)
            {
                WriteResult(json, item, found.Kinds);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteTool(Utf8JsonWriter json, IReadOnlyList<DiagnosticKind> kinds)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "podfence");
        json.WriteString("semanticVersion", VersionVerb.Version);
        json.WriteStartArray("rules");
        foreach (var kind in kinds)
        {
            json.WriteStartObject();
            json.WriteString("id", kind.Id);
            json.WriteString("name", Pascal(kind.Name));
            WriteText(json, "shortDescription", kind.Summary);
            WriteText(json, "fullDescription", kind.Why);
            WriteText(json, "help", $"Fix: {kind.Fix}");
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", Level(kind.Severity));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, CheckResult item, IReadOnlyList<DiagnosticKind> kinds)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", item.Kind.Id);
        json.WriteNumber("ruleIndex", kinds.TakeWhile(kind => kind.Id != item.Kind.Id).Count());
        json.WriteString("level", Level(item.Severity));
        WriteText(json, "message", item.Fix is null ? item.Sentence : $"{item.Sentence}. Fix: {item.Fix}");
        json.WriteStartArray("locations");
        json.WriteStartObject();
        WritePlace(json, item);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, CheckResult item)
    {
        // Standard input is not a file.
        if (item.Location.File is { } file && file != Manifests.ManifestReader.StandardInput)
        {
            json.WriteStartObject("physicalLocation");
            json.WriteStartObject("artifactLocation");
            json.WriteString("uri", UriOf(file));
            json.WriteEndObject();
            if (item.Location.Line > 0)
            {
                json.WriteStartObject("region");
                json.WriteNumber("startLine", item.Location.Line);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        if (item.Subject is { } subject)
        {
            json.WriteStartArray("logicalLocations");
            json.WriteStartObject();
            json.WriteString("name", subject.Name);
            json.WriteString(
                "fullyQualifiedName",
                item.Field is null
                    ? subject.ToString()
                    : string.Create(CultureInfo.InvariantCulture, $"{subject} {item.Field}")
            );
            json.WriteString("kind", "resource");
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    // Relative to the root of the files, as SARIF collectors expect.
    private static string UriOf(string file)
    {
        var path = file.StartsWith("./", StringComparison.Ordinal) ? file[2..] : file;
        var escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        return Path.IsPathRooted(path) ? $"file://{escaped}" : escaped;
    }

    private static string Level(LintSeverity severity) =>
        severity switch
        {
            LintSeverity.Error => "error",
            LintSeverity.Warning => "warning",
            _ => "note",
        };

    private static string Pascal(string name) =>
        string.Concat(name.Split('-').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
}
