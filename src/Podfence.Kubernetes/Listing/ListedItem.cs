namespace Podfence.Kubernetes;

/// <summary>An object of a list, or the beginning of an oversized one.</summary>
internal readonly ref struct ListedItem(FrameStatus status, ReadOnlySpan<byte> json, long receivedAt, string path)
{
    public bool IsOversized { get; } = status == FrameStatus.Oversized;

    /// <summary>The object; valid until the next is read.</summary>
    public ReadOnlySpan<byte> Json { get; } = json;

    /// <summary>When its last bytes arrived.</summary>
    public long ReceivedAt { get; } = receivedAt;

    /// <summary>The requested path, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>
    /// The failure of a list with an unreadable object: a list that goes on without it would report it as deleted.
    /// </summary>
    public KubeException Invalid() => new(KubeError.InvalidResponse, $"GET {Path}: an object of the list is not JSON");
}

/// <summary>Takes an object of a list before more is read.</summary>
internal delegate ValueTask ListedItemHandler(ListedItem item);
