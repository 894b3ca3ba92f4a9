using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Decodes objects of one kind into events, and reports what could not be read. A policy that exceeds the size limit
/// isolates its namespace: to leave it out would allow what it denies.
/// </summary>
internal sealed class EventDecoder(WatchedKind kind, IReflectorListener listener)
{
    // For kinds whose objects are updated all the time without a relevant change: the object of the last event, by
    // name. The cluster state holds the same instances.
    private readonly Dictionary<string, ClusterObject>? _lastSent = kind.HasHeartbeat
        ? new(StringComparer.Ordinal)
        : null;

    /// <summary>Begins a list: all its objects are emitted, whether or not they have changed.</summary>
    public ListBegan BeginList(long receivedAt)
    {
        _lastSent?.Clear();
        return new ListBegan(kind.Name) { ReceivedAt = receivedAt };
    }

    /// <summary>The event for an object that exists; null if there is nothing to emit.</summary>
    /// <param name="json">The object.</param>
    /// <param name="receivedAt">When it arrived.</param>
    /// <param name="version">Its version; null if it has none.</param>
    /// <param name="isInvalid">Whether the text is not JSON, so that a change may be missing.</param>
    public ObjectUpserted? DecodeUpsert(
        ReadOnlySpan<byte> json,
        long receivedAt,
        out string? version,
        out bool isInvalid
    )
    {
        var problems = ApiObjectReader.ReadOfKind(kind.Name, json, out var item, out version);
        isInvalid = item is null && !IsJson(json);
        if (problems.Count > 0 || item is null)
        {
            var reference = item?.Reference ?? ApiObjectReader.ReadReference(kind.Name, json, out _);
            listener.Unreadable(kind.Name, new UnreadableObject(reference, problems, WasEmitted: item is not null));
        }

        return item is { } there && HasChanged(there) ? new ObjectUpserted(there) { ReceivedAt = receivedAt } : null;
    }

    /// <summary>The event for an oversized object; null if there is nothing to emit.</summary>
    public ObjectUpserted? DecodeOversized(ReadOnlySpan<byte> beginning, long receivedAt, out string? version)
    {
        var item = OversizedObject.Read(kind.Name, beginning, out version);
        var wasEmitted = item.Policy is not null;
        listener.Unreadable(kind.Name, new UnreadableObject(item.Reference, [item.Diagnostic], wasEmitted));
        return item.Policy is { } policy ? new ObjectUpserted(policy) { ReceivedAt = receivedAt } : null;
    }

    /// <summary>The event for a deleted object; null if its name cannot be read.</summary>
    public ObjectRemoved? DecodeRemoval(ReadOnlySpan<byte> json, long receivedAt, out string? version)
    {
        var reference = ApiObjectReader.ReadReference(kind.Name, json, out version);
        if (reference is not { } gone)
        {
            listener.Unreadable(kind.Name, new UnreadableObject(null, [], WasEmitted: false));
            return null;
        }

        _lastSent?.Remove(gone.Name);
        return new ObjectRemoved(gone) { ReceivedAt = receivedAt };
    }

    private bool HasChanged(ClusterObject item)
    {
        if (_lastSent is null)
        {
            return true;
        }

        var name = item.Reference.Name;
        if (_lastSent.TryGetValue(name, out var before) && before == item)
        {
            return false;
        }

        _lastSent[name] = item;
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
