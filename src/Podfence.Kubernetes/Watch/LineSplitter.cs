namespace Podfence.Kubernetes;

/// <summary>
/// Splits a watch: one event per line. Compact JSON contains no line ends, so malformed text affects only its own line.
/// </summary>
internal sealed class LineSplitter(int maxObject) : FrameSplitter(maxObject)
{
    private int _scanned;

    /// <inheritdoc/>
    public override FrameStatus Next(ByteWindow window, out ReadOnlySpan<byte> frame)
    {
        while (true)
        {
            var buffered = window.Buffered;
            var found = buffered[_scanned..].IndexOf((byte)'\n');
            if (found < 0)
            {
                _scanned = buffered.Length;
                if (IsSkipping || buffered.Length > MaxObject)
                {
                    if (!IsSkipping)
                    {
                        BeginSkip(buffered);
                    }

                    window.Consume(buffered.Length);
                    _scanned = 0;
                }

                frame = default;
                return FrameStatus.NeedsMore;
            }

            var length = _scanned + found + 1;
            _scanned = 0;
            window.Consume(length);
            if (IsSkipping)
            {
                frame = EndSkip();
                return FrameStatus.Oversized;
            }

            frame = window.Consumed(length, length - 1);
            if (frame.ContainsAnyExcept(" \r\t"u8))
            {
                return length > MaxObject ? FrameStatus.Oversized : FrameStatus.Frame;
            }
        }
    }
}
