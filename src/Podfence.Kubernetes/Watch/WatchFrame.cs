using System.Text.Json;

namespace Podfence.Kubernetes;

/// <summary>The type of a watch event.</summary>
public enum WatchEventType
{
    /// <summary>A type that Podfence does not know, or an unreadable event.</summary>
    Unknown,

    /// <summary>The object is new, or new to this watch.</summary>
    Added,

    /// <summary>The object has changed.</summary>
    Modified,

    /// <summary>The object was deleted.</summary>
    Deleted,

    /// <summary>No change; a later version to continue from.</summary>
    Bookmark,

    /// <summary>The server cannot continue the watch.</summary>
    Error,
}

/// <summary>One event of a watch: its type, and the slice of its object.</summary>
internal readonly ref struct WatchFrame
{
    public WatchEventType Type { get; private init; }

    /// <summary>The object as JSON; of a truncated frame, its beginning.</summary>
    public ReadOnlySpan<byte> Object { get; private init; }

    /// <summary>
    /// Reads the frame as servers write it: type first, object second and last. The object is not parsed, so that this
    /// costs almost nothing; it may be incomplete.
    /// </summary>
    public static bool TryReadFast(ReadOnlySpan<byte> frame, out WatchFrame result)
    {
        result = default;
        try
        {
            var reader = new Utf8JsonReader(frame, isFinalBlock: false, default);
            if (
                reader.Read()
                && ReadName(ref reader, "type"u8)
                && reader.Read()
                && ReadType(ref reader) is var type
                && ReadName(ref reader, "object"u8)
            )
            {
                var rest = frame[(int)reader.BytesConsumed..].Trim(": \t\r\n"u8);
                result = new WatchFrame { Type = type, Object = rest is [.., (byte)'}'] ? rest[..^1] : rest };
                return true;
            }
        }
        catch (JsonException)
        {
            // Not JSON: the full parser reports it.
        }

        return false;
    }

    /// <summary>Reads the frame with its members in any order; false if it is not complete JSON.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out WatchFrame result)
    {
        result = default;
        var type = WatchEventType.Unknown;
        var (start, end) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(frame);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    type = ReadType(ref reader);
                }
                else if (reader.ValueTextEquals("object"u8))
                {
                    reader.Read();
                    start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    end = (int)reader.BytesConsumed;
                }
                else
                {
                    reader.Skip();
                }
            }

            reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }

        result = new WatchFrame { Type = type, Object = frame[start..end] };
        return true;
    }

    private static bool ReadName(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);

    private static WatchEventType ReadType(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.TrySkip();
            return WatchEventType.Unknown;
        }

        return reader switch
        {
            _ when reader.ValueTextEquals("MODIFIED"u8) => WatchEventType.Modified,
            _ when reader.ValueTextEquals("ADDED"u8) => WatchEventType.Added,
            _ when reader.ValueTextEquals("DELETED"u8) => WatchEventType.Deleted,
            _ when reader.ValueTextEquals("BOOKMARK"u8) => WatchEventType.Bookmark,
            _ when reader.ValueTextEquals("ERROR"u8) => WatchEventType.Error,
            _ => WatchEventType.Unknown,
        };
    }
}
