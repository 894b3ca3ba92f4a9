using System.Buffers;
using System.Text;

namespace Podfence.Dataplane;

/// <summary>Comments in the form that the tools of packet filters accept.</summary>
internal static class CommentText
{
    private const string Ellipsis = "..";

    // nft's strings have no escapes: a quote would end them, and a line break is an error. iptables would print an
    // escape.
    private static readonly SearchValues<char> Unprintable = SearchValues.Create([
        .. Enumerable.Range(0, 32).Select(code => (char)code),
        '"',
        '\'',
        '\\',
        '\x7f',
    ]);

    /// <summary>
    /// The comment as the kernel stores it: printable, at maxBytes the given number of bytes of UTF-8, cut between
    /// characters; null for an empty one.
    /// </summary>
    public static string? Cut(string? comment, int maxBytes)
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

        // At maxBytes three bytes per UTF-16 unit, so maxBytes comments need no counting.
        if (comment.Length * 3 <= maxBytes || Encoding.UTF8.GetByteCount(comment) <= maxBytes)
        {
            return comment;
        }

        var bytes = 0;
        var length = 0;
        foreach (var rune in comment.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes - Ellipsis.Length)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return string.Concat(comment.AsSpan(0, length), Ellipsis);
    }
}
