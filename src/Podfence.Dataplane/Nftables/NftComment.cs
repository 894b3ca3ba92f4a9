namespace Podfence.Dataplane.Nftables;

/// <summary>Comments in the form that nft accepts.</summary>
public static class NftComment
{
    /// <summary>Maximum length of a comment in bytes of UTF-8; nft's limit of 128 counts the closing zero.</summary>
    public const int MaxBytes = 127;

    /// <summary>
    /// The comment as the kernel stores it: printable, at most <see cref="MaxBytes"/> bytes, cut between characters;
    /// null for an empty one.
    /// </summary>
    public static string? Cut(string? comment) => CommentText.Cut(comment, MaxBytes);
}
