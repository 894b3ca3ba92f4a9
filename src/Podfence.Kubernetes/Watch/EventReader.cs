using System.Text.Json;
using System.Text;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>What a watch event means to the reflector.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Event">What is to be told; null where nothing is.</param>
/// <param name="Version">The version to go on from after it; null where it states none.</param>
/// <param name="EndsList">Whether it says that a streamed list is complete.</param>
/// <param name="IsDoubtful">Whether nobody knows what it told.</param>
/// <param name="Failure">What the server says has gone wrong.</param>
internal readonly record struct Heard(WatchEventType Type, ClusterEvent? Event, string? Version, bool EndsList = false, bool IsDoubtful = false, KubeException? Failure = null);

/// <summary>Reads watch events of one kind.</summary>
internal sealed class EventReader(WatchedKind kind, EventDecoder teller, IReflectorListener listener)
{
    /// <summary>Reads one event.</summary>
    public Heard Read(ReadOnlySpan<byte> frame, long receivedAt)
    {
        var heard = (WatchFrame.TryReadUsual(frame, out var usual) ? Read(usual, receivedAt, isSure: false) : null)
            ?? (WatchFrame.TryRead(frame, out var other) ? Read(other, receivedAt, isSure: true) : null)
            ?? Broken(frame);
        listener.Received(kind.Name, heard.Type, frame.Length);
        return heard;
    }

    /// <summary>Reads the beginning of an event that is too long to be taken.</summary>
    public Heard ReadOversized(ReadOnlySpan<byte> beginning, long receivedAt)
    {
        WatchFrame.TryReadUsual(beginning, out var frame);
        string? version;
        ClusterEvent? told = frame.Type == WatchEventType.Deleted ? teller.Remove(frame.Object, receivedAt, out version) : teller.Oversized(frame.Object, receivedAt, out version);
        listener.Received(kind.Name, frame.Type, beginning.Length);
        return new Heard(frame.Type, told, version);
    }

    // Null where the frame has to be looked at again because it is not as it usually is.
    private Heard? Read(WatchFrame frame, long receivedAt, bool isSure)
    {
        switch (frame.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                if (!isSure && !IsObject(frame.Object))
                {
                    return null;
                }

                var upserted = teller.Upsert(frame.Object, receivedAt, out var version, out var isBroken);
                return new Heard(frame.Type, upserted, version, IsDoubtful: isBroken);
            case WatchEventType.Deleted:
                var removed = teller.Remove(frame.Object, receivedAt, out var last);
                return new Heard(frame.Type, removed, last, IsDoubtful: removed is null);
            case WatchEventType.Bookmark:
                ApiObjectReader.ReadReference(kind.Name, frame.Object, out var reached);
                return new Heard(frame.Type, null, reached, EndsList: SaysListEnds(frame.Object));
            case WatchEventType.Error:
                return new Heard(frame.Type, null, null, Failure: StatusReader.Read(null, frame.Object, $"watch {kind.Path}", null));
            default:
                return null;
        }
    }

    private Heard Broken(ReadOnlySpan<byte> frame)
    {
        var fault = new Diagnostic(DiagnosticSeverity.Warning, default, null, null, $"the event is not one of a watch: {Encoding.UTF8.GetString(frame[..Math.Min(frame.Length, 80)])}", "everything is listed anew");
        listener.Unreadable(kind.Name, new UnreadableObject(null, [fault], IsTold: false));
        return new Heard(WatchEventType.Unknown, null, null, IsDoubtful: true);
    }

    // What follows the object, if anything does, makes the slice end in something else than one object. Whether it is one its own reader will say.
    private static bool IsObject(ReadOnlySpan<byte> text)
    {
        var end = default(JsonValueScanner);
        return text is [(byte)'{', .., (byte)'}'] && end.Find(text) == text.Length;
    }

    private static bool SaysListEnds(ReadOnlySpan<byte> bookmark)
    {
        try
        {
            using var json = JsonDocument.Parse(bookmark.ToArray());
            return json.RootElement.TryGetProperty("metadata"u8, out var metadata)
                && metadata.TryGetProperty("annotations"u8, out var annotations) && annotations.ValueKind == JsonValueKind.Object
                && annotations.TryGetProperty("k8s.io/initial-events-end"u8, out var says) && says.ValueEquals("true"u8);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
