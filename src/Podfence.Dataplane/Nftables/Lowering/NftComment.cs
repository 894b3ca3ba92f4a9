using System.Text;
using Podfence.Model;

namespace Podfence.Dataplane.Nftables;

/// <summary>Writes comments that keep to <see cref="NftLimits.CommentLength"/>.</summary>
internal static class NftComment
{
    private const string Ellipsis = "...";

    /// <summary>The text, cut at the limit.</summary>
    public static string Of(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= NftLimits.CommentLength)
        {
            return text;
        }

        var cut = Math.Min(text.Length, NftLimits.CommentLength - Ellipsis.Length);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, cut)) > NftLimits.CommentLength - Ellipsis.Length || char.IsHighSurrogate(text[cut - 1]))
        {
            cut--;
        }

        return string.Concat(text.AsSpan(0, cut), Ellipsis);
    }

    /// <summary>Names as many policies as fit, and counts the others: <c>default/a, default/b and 7 more</c>.</summary>
    public static string Of(EquatableArray<PolicyKey> policies, string prefix = "")
    {
        var text = new StringBuilder(prefix);
        for (var i = 0; i < policies.Count; i++)
        {
            var name = policies[i].ToString();
            var others = policies.Count - i - 1;
            var tail = others == 0 ? string.Empty : $" and {others} more";
            if (i > 0 && text.Length + 2 + name.Length + tail.Length > NftLimits.CommentLength)
            {
                return text.Append(" and ").Append(policies.Count - i).Append(" more").ToString();
            }

            // The first name is always there, however little of it.
            if (i == 0 && text.Length + name.Length + tail.Length > NftLimits.CommentLength)
            {
                var room = Math.Max(0, NftLimits.CommentLength - text.Length - tail.Length - Ellipsis.Length);
                return Of(text.Append(name.AsSpan(0, room)).Append(Ellipsis).Append(tail).ToString());
            }

            text.Append(i > 0 ? ", " : string.Empty).Append(name);
        }

        return text.ToString();
    }
}
