namespace Podfence.Kubernetes;

/// <summary>What a cutter found.</summary>
internal enum Cut
{
    /// <summary>More has to be read.</summary>
    More,

    /// <summary>A whole object.</summary>
    Frame,

    /// <summary>An object that is longer than is taken: its beginning.</summary>
    Oversized,

    /// <summary>The whole answer was seen.</summary>
    End,

    /// <summary>This is not what the API sends.</summary>
    Broken,
}

/// <summary>Cuts objects out of an answer while it arrives, without taking them into strings.</summary>
/// <param name="most">Longest object that is taken, in bytes.</param>
internal abstract class FrameSplitter(int most)
{
    // Enough for the metadata that an object begins with.
    private const int Beginning = 64 << 10;
    private byte[]? _beginning;

    /// <summary>Longest object that is taken, in bytes.</summary>
    protected int Most => most;

    /// <summary>Whether an object is passed over because it is too long.</summary>
    protected bool IsSkipping => _beginning is not null;

    /// <summary>Looks for the next object.</summary>
    /// <param name="window">Where it is looked for; what was found is consumed.</param>
    /// <param name="frame">The object, or the beginning of an oversized one; valid until more is read.</param>
    public abstract Cut Next(ByteWindow window, out ReadOnlySpan<byte> frame);

    /// <summary>An object is too long: keeps its beginning.</summary>
    protected void Skip(ReadOnlySpan<byte> soFar) => _beginning = soFar[..Math.Min(soFar.Length, Beginning)].ToArray();

    /// <summary>The object that was passed over has ended.</summary>
    protected byte[] EndSkip()
    {
        var beginning = _beginning!;
        _beginning = null;
        return beginning;
    }
}

/// <summary>Cuts a watch: one event a line. Line ends do not occur inside compact JSON, so that broken text costs its own line only.</summary>
internal sealed class LineSplitter(int most) : FrameSplitter(most)
{
    private int _scanned;

    /// <inheritdoc/>
    public override Cut Next(ByteWindow window, out ReadOnlySpan<byte> frame)
    {
        while (true)
        {
            var unread = window.Unread;
            var found = unread[_scanned..].IndexOf((byte)'\n');
            if (found < 0)
            {
                _scanned = unread.Length;
                if (IsSkipping || unread.Length > Most)
                {
                    if (!IsSkipping)
                    {
                        Skip(unread);
                    }

                    window.Consume(unread.Length);
                    _scanned = 0;
                }

                frame = default;
                return Cut.More;
            }

            var length = _scanned + found + 1;
            _scanned = 0;
            window.Consume(length);
            if (IsSkipping)
            {
                frame = EndSkip();
                return Cut.Oversized;
            }

            frame = window.Used(length, length - 1);
            if (frame.ContainsAnyExcept(" \r\t"u8))
            {
                return length > Most ? Cut.Oversized : Cut.Frame;
            }
        }
    }
}
