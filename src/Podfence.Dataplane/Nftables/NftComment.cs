namespace Podfence.Dataplane.Nftables;

/// <summary>What nft accepts as a comment, everywhere the same.</summary>
public static class NftComment
{
    /// <summary>Bytes of UTF-8 that remain of a comment; the kernel tools' limit of 128 counts the closing zero.</summary>
    public const int MaxBytes = 127;

    /// <summary>The comment as it stands in the kernel: printable, at most <see cref="MaxBytes"/> bytes, cut between characters; null for an empty one.</summary>
    public static string? Cut(string? comment) => CommentText.Cut(comment, MaxBytes);
}
