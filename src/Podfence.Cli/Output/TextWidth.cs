using System.Globalization;
using System.Text;

namespace Podfence.Cli;

/// <summary>
/// The number of screen columns that a text takes: one per grapheme, two for the wide characters of East Asian scripts
/// and for emoji.
/// </summary>
internal static class TextWidth
{
    // Blocks whose characters are Wide or Fullwidth (Unicode Standard Annex 11), merged where unassigned code points
    // lie between them.
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F),
        (0x231A, 0x231B),
        (0x2329, 0x232A),
        (0x23E9, 0x23EC),
        (0x25FD, 0x25FE),
        (0x2614, 0x2615),
        (0x26A1, 0x26A1),
        (0x2705, 0x2705),
        (0x274C, 0x274C),
        (0x2753, 0x2755),
        (0x2757, 0x2757),
        (0x2795, 0x2797),
        (0x2E80, 0x303E),
        (0x3041, 0x33FF),
        (0x3400, 0x4DBF),
        (0x4E00, 0xA4CF),
        (0xA960, 0xA97F),
        (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF),
        (0xFE10, 0xFE19),
        (0xFE30, 0xFE6F),
        (0xFF00, 0xFF60),
        (0xFFE0, 0xFFE6),
        (0x16FE0, 0x18DFF),
        (0x1AFF0, 0x1B2FF),
        (0x1F300, 0x1F64F),
        (0x1F680, 0x1F6FF),
        (0x1F900, 0x1F9FF),
        (0x1FA70, 0x1FAFF),
        (0x20000, 0x3FFFD),
    ];

    public static int Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.Length;
        }

        var width = 0;
        for (var graphemes = StringInfo.GetTextElementEnumerator(text); graphemes.MoveNext(); )
        {
            width += OfGrapheme(graphemes.GetTextElement());
        }

        return width;
    }

    /// <summary>
    /// The text; if it is wider than <paramref name="width"/>, cut so that it fits with a mark at its end.
    /// </summary>
    public static string Fit(string text, int width, string mark)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        var room = width - Of(mark);
        var cut = new StringBuilder();
        for (var graphemes = StringInfo.GetTextElementEnumerator(text); graphemes.MoveNext(); )
        {
            var grapheme = graphemes.GetTextElement();
            room -= OfGrapheme(grapheme);
            if (room < 0)
            {
                break;
            }

            cut.Append(grapheme);
        }

        return cut.Append(mark).ToString();
    }

    private static int OfGrapheme(string grapheme) => IsWide(Rune.GetRuneAt(grapheme, 0).Value) ? 2 : 1;

    private static bool IsWide(int rune) => Array.Exists(s_wide, range => rune >= range.First && rune <= range.Last);
}
