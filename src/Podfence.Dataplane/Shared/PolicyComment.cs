using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>Comments that name policies within the length limit.</summary>
internal static class PolicyComment
{
    private const string Ellipsis = "..";

    /// <summary>Names as many policies as fit and counts the others: <c>default/a, default/b and 7 more</c>.</summary>
    /// <param name="maxBytes">Maximum length.</param>
    /// <param name="policies">At least one.</param>
    /// <param name="prefix">Text before the names.</param>
    public static string Of(int maxBytes, EquatableArray<PolicyKey> policies, string prefix = "")
    {
        var text = new StringBuilder(prefix);
        for (var i = 0; i < policies.Count; i++)
        {
            var name = policies[i].ToString();
            var others = policies.Count - i - 1;
            var tail = others == 0 ? string.Empty : $" and {others} more";
            if (i > 0 && text.Length + 2 + name.Length + tail.Length > maxBytes)
            {
                return text.Append(" and ").Append(policies.Count - i).Append(" more").ToString();
            }

            // The first name is always there, shortened if necessary.
            if (i == 0 && text.Length + name.Length + tail.Length > maxBytes)
            {
                var room = Math.Max(0, maxBytes - text.Length - tail.Length - Ellipsis.Length);
                return text.Append(name.AsSpan(0, room)).Append(Ellipsis).Append(tail).ToString();
            }

            text.Append(i > 0 ? ", " : string.Empty).Append(name);
        }

        return text.ToString();
    }
}
