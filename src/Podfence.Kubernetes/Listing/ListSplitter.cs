namespace Podfence.Kubernetes;

/// <summary>Splits a list into its items, and keeps the list's own metadata.</summary>
internal sealed class ListSplitter(int maxObject) : FrameSplitter(maxObject)
{
    private enum State
    {
        Before,
        Fields,
        Value,
        Items,
        Item,
        After,
    }

    private State _state;
    private JsonValueScanner _scanner;
    private bool _isMetadata;

    /// <summary>The list's metadata as JSON; empty until it has arrived.</summary>
    public byte[] Metadata { get; private set; } = [];

    /// <inheritdoc/>
    public override FrameStatus Next(ByteWindow window, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        while (true)
        {
            var buffered = window.Buffered;
            var blanks = _state is State.Value or State.Item ? 0 : buffered.IndexOfAnyExcept(", \t\r\n"u8);
            if (blanks < 0 || buffered.IsEmpty)
            {
                window.Consume(buffered.Length);
                return _state == State.After ? FrameStatus.End : FrameStatus.NeedsMore;
            }

            window.Consume(blanks);
            buffered = window.Buffered;
            FrameStatus? status = _state switch
            {
                State.Before => ReadEnter(window, buffered),
                State.Fields => ReadField(window, buffered),
                State.Value => ReadValue(window, buffered),
                State.Items => BeginItem(window, buffered),
                State.Item => ReadItem(window, buffered, out frame),
                _ => FrameStatus.Invalid,
            };
            if (status is { } found)
            {
                return found;
            }
        }
    }

    private FrameStatus? ReadEnter(ByteWindow window, ReadOnlySpan<byte> buffered)
    {
        if (buffered[0] != '{')
        {
            return FrameStatus.Invalid;
        }

        window.Consume(1);
        _state = State.Fields;
        return null;
    }

    private FrameStatus? ReadField(ByteWindow window, ReadOnlySpan<byte> buffered)
    {
        if (buffered[0] == '}')
        {
            window.Consume(1);
            _state = State.After;
            return null;
        }

        if (buffered[0] != '"')
        {
            return FrameStatus.Invalid;
        }

        var end = default(JsonValueScanner).FindEnd(buffered);
        var colon = end < 0 ? -1 : buffered[end..].IndexOfAnyExcept(" \t\r\n"u8);
        var value = colon < 0 ? -1 : buffered[(end + colon + 1)..].IndexOfAnyExcept(" \t\r\n"u8);
        if (value < 0)
        {
            return buffered.Length > MaxObject ? FrameStatus.Invalid : FrameStatus.NeedsMore;
        }

        if (buffered[end + colon] != ':')
        {
            return FrameStatus.Invalid;
        }

        var first = end + colon + 1 + value;
        var name = buffered[1..(end - 1)];
        var isItems = name.SequenceEqual("items"u8) && buffered[first] == '[';
        _isMetadata = name.SequenceEqual("metadata"u8);
        window.Consume(isItems ? first + 1 : first);
        _scanner = default;
        _state = isItems ? State.Items : State.Value;
        return null;
    }

    private FrameStatus? ReadValue(ByteWindow window, ReadOnlySpan<byte> buffered)
    {
        var length = _scanner.FindEnd(buffered);
        if (length < 0)
        {
            return buffered.Length > MaxObject ? FrameStatus.Invalid : FrameStatus.NeedsMore;
        }

        if (_isMetadata)
        {
            Metadata = buffered[..length].ToArray();
        }

        window.Consume(length);
        _state = State.Fields;
        return null;
    }

    private FrameStatus? BeginItem(ByteWindow window, ReadOnlySpan<byte> buffered)
    {
        if (buffered[0] == ']')
        {
            window.Consume(1);
            _state = State.Fields;
            return null;
        }

        _scanner = default;
        _state = State.Item;
        return buffered[0] is (byte)'}' or (byte)':' ? FrameStatus.Invalid : null;
    }

    private FrameStatus ReadItem(ByteWindow window, ReadOnlySpan<byte> buffered, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var length = _scanner.FindEnd(buffered);
        if (length < 0)
        {
            if (IsSkipping || buffered.Length > MaxObject)
            {
                if (!IsSkipping)
                {
                    BeginSkip(buffered);
                }

                _scanner.Drop(buffered.Length);
                window.Consume(buffered.Length);
            }

            return FrameStatus.NeedsMore;
        }

        window.Consume(length);
        _state = State.Items;
        if (IsSkipping)
        {
            frame = EndSkip();
            return FrameStatus.Oversized;
        }

        frame = window.Consumed(length, length);
        return length > MaxObject ? FrameStatus.Oversized : FrameStatus.Frame;
    }
}
