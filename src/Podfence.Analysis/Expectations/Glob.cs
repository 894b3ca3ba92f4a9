namespace Podfence.Analysis;

/// <summary>Wild cards in names: <c>*</c> any text, <c>?</c> any one character.</summary>
internal static class Glob
{
    public static bool IsGlob(string pattern) => pattern.AsSpan().ContainsAny('*', '?');

    // Goes back to the last star alone, so that time grows with the product of the lengths at worst.
    public static bool Matches(string pattern, string text)
    {
        var (p, t) = (0, 0);
        var (star, resume) = (-1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, t);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimEnd('*').IsEmpty;
    }
}
