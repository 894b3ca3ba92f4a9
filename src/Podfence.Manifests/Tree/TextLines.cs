using YamlDotNet.Core;

namespace Podfence.Manifests;

/// <summary>
/// Lines as editors count them. The parser counts as YAML 1.1 does, where U+0085, U+2028 and U+2029 also end a line, so
/// after one of these its line numbers differ from those of editors.
/// </summary>
internal sealed class TextLines
{
    private readonly List<int> _starts = [0];

    public TextLines(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n')))
            {
                _starts.Add(at + 1);
            }
        }
    }

    /// <summary>The line of a position, from 1.</summary>
    public int Of(in Mark mark)
    {
        var found = _starts.BinarySearch((int)mark.Index);
        return found >= 0 ? found + 1 : ~found;
    }
}
