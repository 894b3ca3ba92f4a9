using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>Cuts the items out of a list, and remembers what the list says of itself.</summary>
internal sealed class ListSplitter(int most) : FrameSplitter(most)
{
    private enum Place
    {
        Before,
        Fields,
        Value,
        Items,
        Item,
        After,
    }

    private Place _place;
    private JsonValueScanner _end;
    private bool _isMetadata;

    /// <summary>The list's metadata, as it is written; empty until it was seen.</summary>
    public byte[] Metadata { get; private set; } = [];

    /// <inheritdoc/>
    public override Cut Next(ByteWindow window, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        while (true)
        {
            var unread = window.Unread;
            var blanks = _place is Place.Value or Place.Item ? 0 : unread.IndexOfAnyExcept(", \t\r\n"u8);
            if (blanks < 0 || unread.IsEmpty)
            {
                window.Consume(unread.Length);
                return _place == Place.After ? Cut.End : Cut.More;
            }

            window.Consume(blanks);
            unread = window.Unread;
            Cut? cut = _place switch
            {
                Place.Before => Enter(window, unread),
                Place.Fields => Field(window, unread),
                Place.Value => Value(window, unread),
                Place.Items => Begin(window, unread),
                Place.Item => Item(window, unread, out frame),
                _ => Cut.Broken,
            };
            if (cut is { } found)
            {
                return found;
            }
        }
    }

    private Cut? Enter(ByteWindow window, ReadOnlySpan<byte> unread)
    {
        if (unread[0] != '{')
        {
            return Cut.Broken;
        }

        window.Consume(1);
        _place = Place.Fields;
        return null;
    }

    private Cut? Field(ByteWindow window, ReadOnlySpan<byte> unread)
    {
        if (unread[0] == '}')
        {
            window.Consume(1);
            _place = Place.After;
            return null;
        }

        if (unread[0] != '"')
        {
            return Cut.Broken;
        }

        var end = default(JsonValueScanner).Find(unread);
        var colon = end < 0 ? -1 : unread[end..].IndexOfAnyExcept(" \t\r\n"u8);
        var value = colon < 0 ? -1 : unread[(end + colon + 1)..].IndexOfAnyExcept(" \t\r\n"u8);
        if (value < 0)
        {
            return unread.Length > Most ? Cut.Broken : Cut.More;
        }

        if (unread[end + colon] != ':')
        {
            return Cut.Broken;
        }

        var first = end + colon + 1 + value;
        var name = unread[1..(end - 1)];
        var isItems = name.SequenceEqual("items"u8) && unread[first] == '[';
        _isMetadata = name.SequenceEqual("metadata"u8);
        window.Consume(isItems ? first + 1 : first);
        _end = default;
        _place = isItems ? Place.Items : Place.Value;
        return null;
    }

    private Cut? Value(ByteWindow window, ReadOnlySpan<byte> unread)
    {
        var length = _end.Find(unread);
        if (length < 0)
        {
            return unread.Length > Most ? Cut.Broken : Cut.More;
        }

        if (_isMetadata)
        {
            Metadata = unread[..length].ToArray();
        }

        window.Consume(length);
        _place = Place.Fields;
        return null;
    }

    private Cut? Begin(ByteWindow window, ReadOnlySpan<byte> unread)
    {
        if (unread[0] == ']')
        {
            window.Consume(1);
            _place = Place.Fields;
            return null;
        }

        _end = default;
        _place = Place.Item;
        return unread[0] is (byte)'}' or (byte)':' ? Cut.Broken : null;
    }

    private Cut Item(ByteWindow window, ReadOnlySpan<byte> unread, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var length = _end.Find(unread);
        if (length < 0)
        {
            if (IsSkipping || unread.Length > Most)
            {
                if (!IsSkipping)
                {
                    Skip(unread);
                }

                _end.Drop(unread.Length);
                window.Consume(unread.Length);
            }

            return Cut.More;
        }

        window.Consume(length);
        _place = Place.Items;
        if (IsSkipping)
        {
            frame = EndSkip();
            return Cut.Oversized;
        }

        frame = window.Used(length, length);
        return length > Most ? Cut.Oversized : Cut.Frame;
    }
}
