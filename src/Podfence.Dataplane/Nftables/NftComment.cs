using System.Buffers;
using System.Text;

namespace Podfence.Dataplane.Nftables;

/// <summary>What nft accepts as a comment, everywhere the same.</summary>
public static class NftComment
{
    /// <summary>Bytes of UTF-8 that remain of a comment; the kernel tools' limit of 128 counts the closing zero.</summary>
    public const int MaxBytes = 127;

    private const string Ellipsis = "..";

    // nft's strings have no escapes: a quote would end them, and a line's end is an error.
    private static readonly SearchValues<char> Unprintable = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (char)code), '"', '\\', '\x7f']);

    /// <summary>The comment as it stands in the kernel: printable, at most <see cref="MaxBytes"/> bytes, cut between characters; null for an empty one.</summary>
    public static string? Cut(string? comment)
    {
        if (string.IsNullOrEmpty(comment))
        {
            return null;
        }

        if (comment.AsSpan().ContainsAny(Unprintable))
        {
            comment = string.Create(comment.Length, comment, static (span, text) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = Unprintable.Contains(text[i]) ? '_' : text[i];
                }
            });
        }

        // At most three bytes per UTF-16 unit, so most comments need no counting.
        if (comment.Length * 3 <= MaxBytes || Encoding.UTF8.GetByteCount(comment) <= MaxBytes)
        {
            return comment;
        }

        var bytes = 0;
        var length = 0;
        foreach (var rune in comment.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes - Ellipsis.Length)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return string.Concat(comment.AsSpan(0, length), Ellipsis);
    }
}
