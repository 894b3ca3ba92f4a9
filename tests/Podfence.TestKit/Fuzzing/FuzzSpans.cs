namespace Podfence.TestKit;

/// <summary>
/// Parts of a text that are something to YAML: words, balanced brackets, a key with its value, and lines with the lines
/// that are indented below them. Found by their looks and not by a parser, so that what a mutation has broken can be
/// mutated further.
/// </summary>
internal static class FuzzSpans
{
    private const string Marks = "{}[],:#\"'\n\r\t ";

    /// <summary>A word, a number, a quoted text: the one around or after a place.</summary>
    public static (int Start, int Length) Word(string text, int at)
    {
        var start = at;
        while (start < text.Length && Marks.Contains(text[start], StringComparison.Ordinal))
        {
            start++;
        }

        while (start > 0 && start < text.Length && !Marks.Contains(text[start - 1], StringComparison.Ordinal))
        {
            start--;
        }

        var end = start;
        while (
            end < text.Length
            && (
                !Marks.Contains(text[end], StringComparison.Ordinal)
                || (text[end] == ':' && end + 1 < text.Length && text[end + 1] is not (' ' or '\n'))
            )
        )
        {
            end++;
        }

        return (start, end - start);
    }

    /// <summary>The next bracket after a place with everything up to its partner.</summary>
    public static (int Start, int Length) Brackets(string text, int at)
    {
        var start = text.AsSpan(at).IndexOfAny('{', '[') + at;
        if (start < at)
        {
            return Word(text, at);
        }

        var depth = 0;
        for (var end = start; end < text.Length; end++)
        {
            depth +=
                text[end] is '{' or '[' ? 1
                : text[end] is '}' or ']' ? -1
                : 0;
            if (depth == 0)
            {
                return (start, end + 1 - start);
            }
        }

        return (start, text.Length - start);
    }

    /// <summary>
    /// An item of a flow collection with the comma behind it: from the next comma or bracket after a place to the comma
    /// after that.
    /// </summary>
    public static (int Start, int Length) Item(string text, int at)
    {
        var start = text.AsSpan(at).IndexOfAny('{', '[', ',') + at + 1;
        if (start <= at)
        {
            return Block(text, at);
        }

        var depth = 0;
        for (var end = start; end < text.Length; end++)
        {
            if (depth == 0 && text[end] is ',' or '}' or ']')
            {
                return (start, end + (text[end] == ',' ? 1 : 0) - start);
            }

            depth +=
                text[end] is '{' or '[' ? 1
                : text[end] is '}' or ']' ? -1
                : 0;
        }

        return (start, 0);
    }

    /// <summary>The line of a place and the lines below that are indented deeper.</summary>
    public static (int Start, int Length) Block(string text, int at)
    {
        var start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        var indent = Indent(text, start);
        var end = NextLine(text, start);
        while (end < text.Length && Indent(text, end) > indent)
        {
            end = NextLine(text, end);
        }

        return (start, end - start);
    }

    private static int NextLine(string text, int at) =>
        text.IndexOf('\n', at) is >= 0 and var newline ? newline + 1 : text.Length;

    private static int Indent(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == ' ')
        {
            end++;
        }

        return end - at;
    }
}
