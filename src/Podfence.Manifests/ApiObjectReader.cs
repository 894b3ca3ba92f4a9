using System.Text.Json;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Reads objects that the API server stores, one JSON object at a time. They were valid by the rules of some version,
/// so nothing is rejected: old forms of addresses are accepted, unknown fields are skipped, and what cannot be parsed
/// fails closed (a peer or port allows nothing, a podSelector selects every pod, unreadable policyTypes isolate both
/// directions). Locations and lines are unknown. Fields that policy does not need are skipped without being kept in
/// memory.
/// </summary>
public static class ApiObjectReader
{
    /// <summary>Reads one object that has apiVersion and kind.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">
    /// The object; null if the text is not an object of a kind that policy needs, or has no name.
    /// </param>
    /// <returns>
    /// What could not be parsed, as warnings, for a log line and an event. Empty for nearly every object.
    /// </returns>
    public static IReadOnlyList<Diagnostic> ReadSelfDescribing(ReadOnlySpan<byte> json, out ClusterObject? item)
    {
        item = null;
        var sink = new DiagnosticSink(Strictness.Lenient, null);
        foreach (var document in JsonDocuments.Read(json, positions: false))
        {
            Report(document.SyntaxErrors, sink);
            if (
                document.Root is TreeMap root
                && Text(root, "apiVersion") is { } version
                && Text(root, "kind") is { } kind
                && ObjectKinds.IsUsed(version, kind)
            )
            {
                item = ObjectReader.Read(root, kind, sink);
            }
        }

        return sink.Diagnostics;
    }

    /// <summary>
    /// Reads one object of a known kind: an item of a list, which has no kind of its own, or the object of a watch
    /// event.
    /// </summary>
    /// <param name="kind">Pod, Namespace, Node or NetworkPolicy.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">The object; null if the text is malformed, is not an object or has no name.</param>
    /// <param name="resourceVersion">metadata.resourceVersion; null if there is none.</param>
    /// <returns>What could not be parsed, as warnings. Empty for nearly every object.</returns>
    /// <exception cref="ArgumentException">Policy does not need objects of this kind.</exception>
    public static IReadOnlyList<Diagnostic> ReadOfKind(
        string kind,
        ReadOnlySpan<byte> json,
        out ClusterObject? item,
        out string? resourceVersion
    ) => ReadProjected(kind, ReadProjections.Of(kind), json, out item, out resourceVersion);

    /// <summary>
    /// Reads the name of an object of a known kind, and nothing after its metadata. The text may end there.
    /// </summary>
    /// <param name="kind">Pod, Namespace, Node or NetworkPolicy.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="resourceVersion">metadata.resourceVersion; null if there is none before the text ends.</param>
    /// <returns>The reference; null if no name is found.</returns>
    public static ObjectReference? ReadReference(string kind, ReadOnlySpan<byte> json, out string? resourceVersion)
    {
        string? name = null;
        string? @namespace = null;
        resourceVersion = null;
        var reader = new Utf8JsonReader(
            json,
            isFinalBlock: false,
            new JsonReaderState(new JsonReaderOptions { MaxDepth = TreeLimits.MaxDepth })
        );
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
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // What was read before the error counts.
        }

        return string.IsNullOrEmpty(name) ? null : ObjectReader.ReferenceTo(kind, @namespace, name);
    }

    /// <summary>As <see cref="ReadOfKind"/>, for a given projection.</summary>
    internal static IReadOnlyList<Diagnostic> ReadProjected(
        string kind,
        Projection projection,
        ReadOnlySpan<byte> json,
        out ClusterObject? item,
        out string? resourceVersion
    ) => ReadWithTree(kind, projection, json, out item, out resourceVersion, out _);

    /// <summary>
    /// As <see cref="ReadProjected"/>, and returns the tree of the object, for fields that are not part of the model.
    /// </summary>
    internal static IReadOnlyList<Diagnostic> ReadWithTree(
        string kind,
        Projection projection,
        ReadOnlySpan<byte> json,
        out ClusterObject? item,
        out string? resourceVersion,
        out TreeMap? root
    )
    {
        item = null;
        resourceVersion = null;
        var sink = new DiagnosticSink(Strictness.Lenient, null);
        root = JsonDocuments.ReadOne(json, projection, out var syntax) as TreeMap;
        Report(syntax, sink);
        if (root is not null)
        {
            resourceVersion = (root["metadata"] as TreeMap)?["resourceVersion"]
                is TreeScalar { Kind: ScalarKind.String } version
                ? version.Text
                : null;
            item = ObjectReader.Read(root, kind, sink);
        }

        return sink.Diagnostics;
    }

    private static void Report(IReadOnlyList<SyntaxError> errors, DiagnosticSink sink)
    {
        foreach (var error in errors)
        {
            sink.Error(0, null, error.Message);
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

    private static string Text(TreeMap map, string key) =>
        map[key] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : "";
}
