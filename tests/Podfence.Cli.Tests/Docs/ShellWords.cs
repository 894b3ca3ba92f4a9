using System.Text;

namespace Podfence.Cli.Tests;

/// <summary>
/// As much of the shell's grammar as documents use: the simple commands of a text, word by word, without expansions.
/// </summary>
internal static class ShellWords
{
    /// <summary>
    /// The simple commands of a text. Redirections and comments are left out, and so are here-documents.
    /// </summary>
    public static IEnumerable<IReadOnlyList<string>> Commands(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        var isTarget = false;
        var quote = '\0';
        var end =
            text.IndexOf("<<", StringComparison.Ordinal) is var here and >= 0
            && text.IndexOf('\n', here) is var line and >= 0
                ? line
                : text.Length;
        for (var i = 0; i <= end; i++)
        {
            var c = i < end ? text[i] : '\n';
            if (quote != '\0')
            {
                word.Append(c == quote ? "" : c.ToString());
                quote = c == quote ? '\0' : quote;
                continue;
            }

            if (c is '\'' or '"')
            {
                (quote, isWord) = (c, true);
            }
            else if (c == '\\' && i + 1 < end)
            {
                i++;
                word.Append(text[i] == '\n' ? "" : text[i].ToString());
            }
            else if (c is ' ' or '\n' or '|' or ';' or '&' or '<' or '>' or '(' or ')')
            {
                if (isWord && !isTarget)
                {
                    words.Add(word.ToString());
                }

                isTarget = c is '<' or '>' || (isTarget && !isWord && c == ' ');
                isWord = false;
                word.Clear();
                if (c is '\n' or '|' or ';' or '&' or '(' or ')' && words.Count > 0)
                {
                    yield return [.. words];
                    words.Clear();
                }
            }
            else if (c == '#' && !isWord)
            {
                i = text.IndexOf('\n', i) is var next and >= 0 && next < end ? next - 1 : end - 1;
            }
            else
            {
                isWord = true;
                word.Append(c);
            }
        }
    }
}
