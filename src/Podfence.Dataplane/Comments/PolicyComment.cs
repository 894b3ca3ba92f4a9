using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>Comments that name policies and keep to the limit.</summary>
internal static class PolicyComment
{
    private const string Ellipsis = "..";

    /// <summary>Names as many policies as fit, and counts the others: <c>default/a, default/b and 7 more</c>.</summary>
    /// <param name="most">Bytes that the packet filter takes.</param>
    /// <param name="policies">At least one.</param>
    /// <param name="prefix">What to say of them.</param>
    public static string Of(int most, EquatableArray<PolicyKey> policies, string prefix = "")
    {
        var text = new StringBuilder(prefix);
        for (var i = 0; i < policies.Count; i++)
        {
            var name = policies[i].ToString();
            var others = policies.Count - i - 1;
            var tail = others == 0 ? string.Empty : $" and {others} more";
            if (i > 0 && text.Length + 2 + name.Length + tail.Length > most)
            {
                return text.Append(" and ").Append(policies.Count - i).Append(" more").ToString();
            }

            // The first name is always there, however little of it.
            if (i == 0 && text.Length + name.Length + tail.Length > most)
            {
                var room = Math.Max(0, most - text.Length - tail.Length - Ellipsis.Length);
                return text.Append(name.AsSpan(0, room)).Append(Ellipsis).Append(tail).ToString();
            }

            text.Append(i > 0 ? ", " : string.Empty).Append(name);
        }

        return text.ToString();
    }
}
