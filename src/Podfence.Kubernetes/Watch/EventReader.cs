using System.Text;
using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Reads watch events of one kind.</summary>
internal sealed class EventReader(WatchedKind kind, EventDecoder decoder, IReflectorListener listener)
{
    public DecodedEvent Read(ReadOnlySpan<byte> frame, long receivedAt)
    {
        // Servers write the type first and the object last; a frame in any other form is parsed in full.
        if (
            !(WatchFrame.TryReadFast(frame, out var fast) && TryDecode(fast, receivedAt, out var decoded))
            && !(WatchFrame.TryRead(frame, out var whole) && TryDecodeObject(whole, receivedAt, out decoded))
        )
        {
            decoded = ReportInvalid(frame);
        }

        listener.Received(kind.Name, decoded.Type, frame.Length);
        return decoded;
    }

    /// <summary>Reads the beginning of an oversized event.</summary>
    public DecodedEvent ReadOversized(ReadOnlySpan<byte> beginning, long receivedAt)
    {
        WatchFrame.TryReadFast(beginning, out var frame);
        string? version;
        ClusterEvent? change =
            frame.Type == WatchEventType.Deleted
                ? decoder.DecodeRemoval(frame.Object, receivedAt, out version)
                : decoder.DecodeOversized(frame.Object, receivedAt, out version);
        listener.Received(kind.Name, frame.Type, beginning.Length);
        return new DecodedEvent(frame.Type, change, version);
    }

    /// <summary>
    /// Decodes a frame whose object slice was not parsed; false if an added or modified object is not exactly one JSON
    /// object, so that the frame has another form than servers write.
    /// </summary>
    private bool TryDecode(WatchFrame frame, long receivedAt, out DecodedEvent decoded)
    {
        decoded = default;
        return (frame.Type is not (WatchEventType.Added or WatchEventType.Modified) || IsOneObject(frame.Object))
            && TryDecodeObject(frame, receivedAt, out decoded);
    }

    /// <summary>Decodes a frame whose object slice is known; false if its type is unknown.</summary>
    private bool TryDecodeObject(WatchFrame frame, long receivedAt, out DecodedEvent decoded)
    {
        string? version;
        switch (frame.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                var upserted = decoder.DecodeUpsert(frame.Object, receivedAt, out version, out var isInvalid);
                decoded = new DecodedEvent(frame.Type, upserted, version, MayHaveMissedEvents: isInvalid);
                return true;
            case WatchEventType.Deleted:
                var removed = decoder.DecodeRemoval(frame.Object, receivedAt, out version);
                decoded = new DecodedEvent(frame.Type, removed, version, MayHaveMissedEvents: removed is null);
                return true;
            case WatchEventType.Bookmark:
                ApiObjectReader.ReadReference(kind.Name, frame.Object, out version);
                decoded = new DecodedEvent(frame.Type, null, version, EndsList: IsEndOfList(frame.Object));
                return true;
            case WatchEventType.Error:
                var failure = StatusReader.Read(null, frame.Object, $"watch {kind.Path}", null);
                decoded = new DecodedEvent(frame.Type, null, null, Failure: failure);
                return true;
            default:
                decoded = default;
                return false;
        }
    }

    private DecodedEvent ReportInvalid(ReadOnlySpan<byte> frame)
    {
        var beginning = Encoding.UTF8.GetString(frame[..Math.Min(frame.Length, 80)]);
        var message = $"not a watch event: {beginning}";
        var problem = new Diagnostic(
            DiagnosticSeverity.Warning,
            default,
            null,
            null,
            message,
            "all objects are listed again"
        );
        listener.Unreadable(kind.Name, new UnreadableObject(null, [problem], WasEmitted: false));
        return new DecodedEvent(WatchEventType.Unknown, null, null, MayHaveMissedEvents: true);
    }

    // A member after the object would make the slice end in something else. The object itself is validated by its
    // reader.
    private static bool IsOneObject(ReadOnlySpan<byte> text)
    {
        var scanner = default(JsonValueScanner);
        return text is [(byte)'{', .., (byte)'}'] && scanner.FindEnd(text) == text.Length;
    }

    private static bool IsEndOfList(ReadOnlySpan<byte> bookmark)
    {
        try
        {
            using var json = JsonDocument.Parse(bookmark.ToArray());
            return json.RootElement.TryGetProperty("metadata"u8, out var metadata)
                && metadata.TryGetProperty("annotations"u8, out var annotations)
                && annotations.ValueKind == JsonValueKind.Object
                && annotations.TryGetProperty("k8s.io/initial-events-end"u8, out var end)
                && end.ValueEquals("true"u8);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
