using System.Text.Json;

namespace Podfence.Kubernetes;

/// <summary>What a watch event says of its object.</summary>
public enum WatchEventType
{
    /// <summary>The event is not one that this program knows, or cannot be read.</summary>
    Unknown,

    /// <summary>The object is new, or new to this watch.</summary>
    Added,

    /// <summary>The object has changed.</summary>
    Modified,

    /// <summary>The object is gone.</summary>
    Deleted,

    /// <summary>Nothing but a later version to go on from.</summary>
    Bookmark,

    /// <summary>The watch cannot go on.</summary>
    Error,
}

/// <summary>One event of a watch: its type, and where its object stands.</summary>
internal readonly ref struct WatchFrame
{
    public WatchEventType Type { get; private init; }

    /// <summary>The object's text; of a frame that is cut off, what there is of it.</summary>
    public ReadOnlySpan<byte> Object { get; private init; }

    /// <summary>
    /// Reads the frame as servers write it: type first, object second and last. The object is not looked at, so that this costs nothing, and is not known to be whole.
    /// </summary>
    public static bool TryReadUsual(ReadOnlySpan<byte> frame, out WatchFrame result)
    {
        result = default;
        try
        {
            var reader = new Utf8JsonReader(frame, isFinalBlock: false, default);
            if (reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8) && reader.Read() && TypeOf(ref reader) is var type
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("object"u8))
            {
                var rest = frame[(int)reader.BytesConsumed..].Trim(": \t\r\n"u8);
                result = new WatchFrame { Type = type, Object = rest is [.., (byte)'}'] ? rest[..^1] : rest };
                return true;
            }
        }
        catch (JsonException)
        {
            // It is not JSON: not the usual.
        }

        return false;
    }

    /// <summary>Reads the frame in any order; false where it is not whole.</summary>
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
                    type = TypeOf(ref reader);
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

    private static WatchEventType TypeOf(ref Utf8JsonReader reader)
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
