namespace Podfence.Model;

/// <summary>
/// Reads objects that the API server stores, one JSON object at a time. They were valid by the rules of some version, so nothing is refused:
/// old forms of addresses are understood, fields that are not known are passed over, and what cannot be read fails closed
/// (a peer or port admits nothing, a selector isolates all it might mean, unreadable policyTypes isolate both directions).
/// Locations and lines are unknown.
/// </summary>
public static class ApiObjectReader
{
    /// <summary>Reads one object.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">The object; null where the text is no object of a kind that policy needs, or has no name.</param>
    /// <returns>What could not be read, as warnings: something for a log line and an event. Empty for nearly every object.</returns>
    public static IReadOnlyList<ManifestFault> Read(ReadOnlySpan<byte> json, out ClusterObject? item)
    {
        item = null;
        var sink = new FaultSink(Strictness.Lenient, null);
        foreach (var document in JsonDocuments.Read(json, positions: false))
        {
            foreach (var fault in document.Faults)
            {
                sink.Error(0, null, fault.Message);
            }

            if (document.Root is TreeMap root && Text(root, "apiVersion") is { } version && Text(root, "kind") is { } kind && ObjectKinds.IsUsed(version, kind))
            {
                item = ObjectReader.Read(root, kind, sink);
            }
        }

        return sink.Faults;
    }

    private static string Text(TreeMap map, string key) => map[key] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : "";
}
