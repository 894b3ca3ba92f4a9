namespace Podfence.Kubernetes;

/// <summary>The result of looking for the next frame.</summary>
internal enum FrameStatus
{
    /// <summary>More bytes have to be read.</summary>
    NeedsMore,

    /// <summary>A whole object.</summary>
    Frame,

    /// <summary>An object that exceeds the size limit: its beginning.</summary>
    Oversized,

    /// <summary>The end of the response body.</summary>
    End,

    /// <summary>The response is not what the API promises.</summary>
    Invalid,
}

/// <summary>Splits a response into objects while it arrives, without copying them into strings.</summary>
internal abstract class FrameSplitter(int maxObject)
{
    // Enough for the metadata at the beginning of an object.
    private const int PrefixLength = 64 << 10;
    private byte[]? _prefix;

    /// <summary>The size limit of one object, in bytes.</summary>
    protected int MaxObject => maxObject;

    /// <summary>Whether an oversized object is being skipped.</summary>
    protected bool IsSkipping => _prefix is not null;

    /// <summary>Looks for the next object, and consumes it.</summary>
    /// <param name="window">The bytes of the response.</param>
    /// <param name="frame">The object, or the beginning of an oversized one; valid until more is read.</param>
    public abstract FrameStatus Next(ByteWindow window, out ReadOnlySpan<byte> frame);

    /// <summary>Begins to skip an oversized object, and keeps its beginning.</summary>
    protected void BeginSkip(ReadOnlySpan<byte> soFar) =>
        _prefix = soFar[..Math.Min(soFar.Length, PrefixLength)].ToArray();

    /// <summary>Ends the skip; returns the beginning of the skipped object.</summary>
    protected byte[] EndSkip()
    {
        var prefix = _prefix!;
        _prefix = null;
        return prefix;
    }
}
