using System.Buffers;
using System.Text;

namespace Podfence.Dataplane;

/// <summary>Comments as the packet filters' tools take them.</summary>
internal static class CommentText
{
    private const string Ellipsis = "..";

    // nft's strings have no escapes: a quote would end them, and a line's end is an error. iptables would print an escape.
    private static readonly SearchValues<char> Unprintable = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (char)code), '"', '\'', '\\', '\x7f']);

    /// <summary>The comment as it stands in the kernel: printable, at most so many bytes of UTF-8, cut between characters; null for an empty one.</summary>
    public static string? Cut(string? comment, int most)
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
        if (comment.Length * 3 <= most || Encoding.UTF8.GetByteCount(comment) <= most)
        {
            return comment;
        }

        var bytes = 0;
        var length = 0;
        foreach (var rune in comment.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > most - Ellipsis.Length)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return string.Concat(comment.AsSpan(0, length), Ellipsis);
    }
}
