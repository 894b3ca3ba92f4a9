using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Makes events of the objects of one kind, and says what of them could not be read. Where nothing can be read of a policy but its name, it isolates its namespace:
/// leaving it out would open what it closes.
/// </summary>
internal sealed class EventDecoder(WatchedKind kind, IReflectorListener listener)
{
    // What was told, of kinds whose objects change all the time without a change: the same objects that the state holds.
    private readonly Dictionary<string, ClusterObject>? _told = kind.HasHeartbeat ? new(StringComparer.Ordinal) : null;

    /// <summary>A list begins: all its objects are told, whether or not they are known.</summary>
    public ListBegan BeginList(long receivedAt)
    {
        _told?.Clear();
        return new ListBegan(kind.Name) { ReceivedAt = receivedAt };
    }

    /// <summary>The event for an object that is there; null where there is nothing to tell.</summary>
    /// <param name="json">The object.</param>
    /// <param name="receivedAt">When it came.</param>
    /// <param name="version">Its version; null where it states none.</param>
    /// <param name="isBroken">Whether the text is no JSON, so that nobody knows what it told.</param>
    public ObjectUpserted? Upsert(ReadOnlySpan<byte> json, long receivedAt, out string? version, out bool isBroken)
    {
        var faults = ApiObjectReader.ReadOfKind(kind.Name, json, out var item, out version);
        isBroken = item is null && !IsJson(json);
        if (faults.Count > 0 || item is null)
        {
            listener.Unreadable(kind.Name, new UnreadableObject(item?.Reference ?? ApiObjectReader.ReadReference(kind.Name, json, out _), faults, item is not null));
        }

        return item is { } there && IsNews(there) ? new ObjectUpserted(there) { ReceivedAt = receivedAt } : null;
    }

    /// <summary>The event for an object that is too long to be taken; null where there is nothing to tell.</summary>
    public ObjectUpserted? Oversized(ReadOnlySpan<byte> beginning, long receivedAt, out string? version)
    {
        var reference = ApiObjectReader.ReadReference(kind.Name, beginning, out version);
        var isPolicy = reference is { Kind: nameof(NetworkPolicy) };
        var fault = new Diagnostic(DiagnosticSeverity.Warning, default, reference, null, "the object is too long to be taken", isPolicy ? "it isolates every pod of its namespace; make it shorter" : "make it shorter");
        listener.Unreadable(kind.Name, new UnreadableObject(reference, [fault], isPolicy));
        if (!isPolicy)
        {
            return null;
        }

        return new ObjectUpserted(ClosedPolicy.Of(reference!.Value)) { ReceivedAt = receivedAt };
    }

    /// <summary>The event for an object that is gone; null where its name cannot be read.</summary>
    public ObjectRemoved? Remove(ReadOnlySpan<byte> json, long receivedAt, out string? version)
    {
        var reference = ApiObjectReader.ReadReference(kind.Name, json, out version);
        if (reference is not { } gone)
        {
            listener.Unreadable(kind.Name, new UnreadableObject(null, [], IsTold: false));
            return null;
        }

        _told?.Remove(gone.Name);
        return new ObjectRemoved(gone) { ReceivedAt = receivedAt };
    }

    private bool IsNews(ClusterObject item)
    {
        if (_told is null)
        {
            return true;
        }

        var name = item.Reference.Name;
        if (_told.TryGetValue(name, out var before) && before == item)
        {
            return false;
        }

        _told[name] = item;
        return true;
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            while (reader.Read())
            {
                reader.Skip();
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
