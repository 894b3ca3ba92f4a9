using System.Globalization;
using System.Text;

namespace Podfence.Cli;

/// <summary>How many columns a text takes on a screen: one for each thing a reader sees as a letter, whatever it is made of.</summary>
internal static class TextWidth
{
    /// <summary>Columns of the text.</summary>
    public static int Of(string text) => Ascii.IsValid(text) ? text.Length : new StringInfo(text).LengthInTextElements;

    /// <summary>The text cut to so many columns, the last of them the mark, if it is wider.</summary>
    public static string Fit(string text, int width, string mark)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        return Ascii.IsValid(text)
            ? string.Concat(text.AsSpan(0, width - mark.Length), mark)
            : new StringInfo(text).SubstringByTextElements(0, width - mark.Length) + mark;
    }
}
