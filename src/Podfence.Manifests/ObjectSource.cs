using System.Globalization;

namespace Podfence.Manifests;

/// <summary>
/// An object as written in its file: which fields are present, and on which line.
/// Paths are those of diagnostics: <c>spec.ingress[0].from[1].ipBlock</c>.
/// </summary>
public sealed class ObjectSource
{
    private readonly TreeMap _root;

    internal ObjectSource(TreeMap root) => _root = root;

    /// <summary>The line of a field, or of the nearest enclosing field that is present.</summary>
    public int LineOf(string field)
    {
        _ = Find(field, out var line);
        return line;
    }

    /// <summary>Whether the field is present with a value other than null.</summary>
    public bool HasField(string field) => Find(field, out _) is not (null or TreeScalar { Kind: ScalarKind.Null });

    private TreeNode? Find(string field, out int line)
    {
        TreeNode? at = _root;
        line = _root.Line;
        foreach (var step in Steps(field))
        {
            // The line of a field is that of its key; the line of an item is that of its dash.
            switch (at)
            {
                case TreeMap map when map.Entries.Find(entry => entry.Key == step) is { Value: { } value } found:
                    (at, line) = (value, found.Line);
                    break;
                case TreeList list
                    when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                        && index < list.Items.Count:
                    at = list.Items[index];
                    line = at.Line > 0 ? at.Line : line;
                    break;
                default:
                    return null;
            }
        }

        return at;
    }

    private static IEnumerable<string> Steps(string field)
    {
        for (var at = 0; at < field.Length; )
        {
            var isIndex = field[at] == '[';
            var start = isIndex ? at + 1 : at;
            var length = isIndex ? field.AsSpan(start).IndexOf(']') : field.AsSpan(start).IndexOfAny('.', '[');
            var end = length >= 0 ? start + length : field.Length;
            yield return field[start..end];
            at = isIndex ? end + 1 : end;
            at += at < field.Length && field[at] == '.' ? 1 : 0;
        }
    }
}
