using System.Text.Json;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Reads objects that the API server stores, one JSON object at a time. They were valid by the rules of some version, so nothing is refused:
/// old forms of addresses are understood, fields that are not known are passed over, and what cannot be read fails closed
/// (a peer or port admits nothing, a selector isolates all it might mean, unreadable policyTypes isolate both directions).
/// Locations and lines are unknown. Fields that policy does not need are skipped without being taken into memory.
/// </summary>
public static class ApiObjectReader
{
    /// <summary>Reads one object that says what it is.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">The object; null where the text is no object of a kind that policy needs, or has no name.</param>
    /// <returns>What could not be read, as warnings: something for a log line and an event. Empty for nearly every object.</returns>
    public static IReadOnlyList<Diagnostic> Read(ReadOnlySpan<byte> json, out ClusterObject? item)
    {
        item = null;
        var sink = new DiagnosticSink(Strictness.Lenient, null);
        foreach (var document in JsonDocuments.Read(json, positions: false))
        {
            Report(document.Faults, sink);
            if (document.Root is TreeMap root && Text(root, "apiVersion") is { } version && Text(root, "kind") is { } kind && ObjectKinds.IsUsed(version, kind))
            {
                item = ObjectReader.Read(root, kind, sink);
            }
        }

        return sink.Faults;
    }

    /// <summary>Reads one object of a known kind: an item of a list, which does not say what it is, or the object of a watch event.</summary>
    /// <param name="kind">Pod, Namespace, Node or NetworkPolicy.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">The object; null where the text is broken, is no object or has no name.</param>
    /// <param name="resourceVersion">metadata.resourceVersion; null where there is none.</param>
    /// <returns>What could not be read, as warnings. Empty for nearly every object.</returns>
    /// <exception cref="ArgumentException">Policy needs no objects of this kind.</exception>
    public static IReadOnlyList<Diagnostic> Read(string kind, ReadOnlySpan<byte> json, out ClusterObject? item, out string? resourceVersion) =>
        Read(kind, ReadProjections.Of(kind), json, out item, out resourceVersion);

    /// <summary>
    /// Reads the name of an object of a known kind, and nothing behind its metadata. It may be cut off there.
    /// </summary>
    /// <param name="kind">Pod, Namespace, Node or NetworkPolicy.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="resourceVersion">metadata.resourceVersion; null where there is none before the text breaks off.</param>
    /// <returns>The reference; null where no name can be made out.</returns>
    public static ObjectReference? ReadReference(string kind, ReadOnlySpan<byte> json, out string? resourceVersion)
    {
        string? name = null;
        string? @namespace = null;
        resourceVersion = null;
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = TreeLimits.Depth }));
        try
        {
            var isInside = false;
            while (reader.Read() && !(isInside && reader.TokenType == JsonTokenType.EndObject))
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                if (!isInside && reader.ValueTextEquals("metadata"u8))
                {
                    isInside = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
                }
                else if (isInside && reader.ValueTextEquals("name"u8))
                {
                    name ??= NextText(ref reader);
                }
                else if (isInside && reader.ValueTextEquals("namespace"u8))
                {
                    @namespace ??= NextText(ref reader);
                }
                else if (isInside && reader.ValueTextEquals("resourceVersion"u8))
                {
                    resourceVersion ??= NextText(ref reader);
                }
                else if (!reader.TrySkip())
                {
                    break;
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // What stands before the break counts.
        }

        return string.IsNullOrEmpty(name) ? null : ObjectReader.ReferenceTo(kind, @namespace, name);
    }

    /// <summary>As the public one, with another shape: for the test that compares the two.</summary>
    internal static IReadOnlyList<Diagnostic> Read(string kind, Projection shape, ReadOnlySpan<byte> json, out ClusterObject? item, out string? resourceVersion) =>
        Read(kind, shape, json, out item, out resourceVersion, out _);

    /// <summary>The same, with the tree of the object, for what is not part of the model.</summary>
    internal static IReadOnlyList<Diagnostic> Read(
        string kind, Projection shape, ReadOnlySpan<byte> json, out ClusterObject? item, out string? resourceVersion, out TreeMap? root)
    {
        item = null;
        resourceVersion = null;
        var sink = new DiagnosticSink(Strictness.Lenient, null);
        root = JsonDocuments.ReadOne(json, shape, out var syntax) as TreeMap;
        Report(syntax, sink);
        if (root is not null)
        {
            resourceVersion = (root["metadata"] as TreeMap)?["resourceVersion"] is TreeScalar { Kind: ScalarKind.String } version ? version.Text : null;
            item = ObjectReader.Read(root, kind, sink);
        }

        return sink.Faults;
    }

    private static void Report(IReadOnlyList<SyntaxFault> faults, DiagnosticSink sink)
    {
        foreach (var fault in faults)
        {
            sink.Error(0, null, fault.Message);
        }
    }

    private static string? NextText(ref Utf8JsonReader reader)
    {
        if (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.TrySkip();
        return null;
    }

    private static string Text(TreeMap map, string key) => map[key] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : "";
}
