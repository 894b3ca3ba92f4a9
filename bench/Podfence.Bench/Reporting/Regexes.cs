using System.Text.RegularExpressions;

namespace Podfence.Bench;

/// <summary>Text tools of the reports.</summary>
internal static partial class Regexes
{
    /// <summary>At most one blank line in a row.</summary>
    public static string ManyBlankLines(string text) => Blank().Replace(text, "\n\n");

    [GeneratedRegex(@"\n{3,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blank();
}
