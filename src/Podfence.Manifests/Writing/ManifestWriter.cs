using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Writes model objects as Kubernetes objects, one line of JSON each. <see cref="ApiObjectReader"/> reads an equal
/// object back, except for locations and lines, which refer to the file that an object was read from.
/// </summary>
public static class ManifestWriter
{
    // The output is never part of HTML, so names can stay readable.
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The object as one line, without a line end.</summary>
    public static string ToJson(ClusterObject item)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(item, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the object as one line of UTF-8, without a line end.</summary>
    public static void Write(ClusterObject item, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        switch (item)
        {
            case { Pod: { } pod }:
                Begin(json, ObjectKinds.CoreVersion, item, pod.Labels);
                PodWriter.Write(json, pod);
                break;
            case { Namespace: { } @namespace }:
                Begin(json, ObjectKinds.CoreVersion, item, @namespace.Labels);
                json.WriteEndObject();
                break;
            case { Node: { } node }:
                Begin(json, ObjectKinds.CoreVersion, item, node.Labels);
                json.WriteEndObject();
                NodeWriter.Write(json, node);
                break;
            case { Policy: { } policy }:
                Begin(json, ObjectKinds.PolicyVersion, item, LabelSet.Empty);
                json.WriteEndObject();
                PolicyWriter.Write(json, policy);
                break;
            default:
                throw new ArgumentException("there is no object to write", nameof(item));
        }

        json.WriteEndObject();
    }

    // Leaves metadata open, because pods have further fields in it.
    private static void Begin(Utf8JsonWriter json, string apiVersion, ClusterObject item, LabelSet labels)
    {
        var reference = item.Reference;
        json.WriteStartObject();
        json.WriteString("apiVersion", apiVersion);
        json.WriteString("kind", reference.Kind);
        json.WriteStartObject("metadata");
        json.WriteString("name", reference.Name);
        if (reference.Namespace is not null)
        {
            json.WriteString("namespace", reference.Namespace);
        }

        if (labels.Count > 0)
        {
            json.WriteStartObject("labels");
            foreach (var (key, value) in labels.AsSpan())
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }
    }
}
