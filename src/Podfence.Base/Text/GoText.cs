using System.Globalization;
using System.Text;

namespace Podfence.Base;

/// <summary>Text as Go prints it, because the API server's messages are printed by Go.</summary>
public static class GoText
{
    /// <summary>The verb %q: double quotes, with Go's escapes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(
                rune.Value switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\a' => "\\a",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    '\v' => "\\v",
                    < 0x20 or 0x7f => $"\\x{rune.Value:x2}",
                    _ when IsPrintable(rune) => rune.ToString(),
                    <= 0xffff => $"\\u{rune.Value:x4}",
                    _ => $"\\U{rune.Value:x8}",
                }
            );
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>
    /// The text with control and invisible characters escaped: messages contain names and fields from files, and a file
    /// must not control the terminal.
    /// </summary>
    public static string EscapeControl(string text)
    {
        var isVisible = true;
        foreach (var rune in text.EnumerateRunes())
        {
            isVisible &= IsPrintable(rune);
        }

        // A quote is harmless and stays as it is.
        return isVisible
            ? text
            : string.Concat(
                text.EnumerateRunes()
                    .Select(static rune => IsPrintable(rune) ? rune.ToString() : Quote(rune.ToString())[1..^1])
            );
    }

    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.SpaceSeparator
            );
}
