namespace Podfence.Manifests;

/// <summary>
/// A value of a document, YAML or JSON, with its position in the text. Both parsers build it, so that all checks are
/// written once.
/// </summary>
internal abstract class TreeNode(int line, int column)
{
    /// <summary>Line from 1, 0 without positions.</summary>
    public int Line { get; } = line;

    /// <summary>Column from 1, 0 without positions.</summary>
    public int Column { get; } = column;

    /// <summary>Values in this subtree, shared values counted each time they are reached; saturates.</summary>
    public abstract int Weight { get; }

    /// <summary>The JSON type, as the API server's decoder names it.</summary>
    public abstract string TypeName { get; }
}

/// <summary>The JSON type of a scalar by the YAML rules of the API server.</summary>
internal enum ScalarKind
{
    Null,
    Bool,
    Integer,
    Float,
    String,
}

/// <summary>A scalar: for strings the value, otherwise the text as written.</summary>
internal sealed class TreeScalar(string text, ScalarKind kind, int line, int column) : TreeNode(line, column)
{
    public string Text { get; } = text;

    public ScalarKind Kind { get; } = kind;

    public override int Weight => 1;

    public override string TypeName =>
        Kind switch
        {
            ScalarKind.Null => "null",
            ScalarKind.Bool => "bool",
            ScalarKind.String => "string",
            _ => "number",
        };
}

/// <summary>A list.</summary>
internal sealed class TreeList(int line, int column) : TreeNode(line, column)
{
    private int _weight = 1;

    public List<TreeNode> Items { get; } = [];

    public override int Weight => _weight;

    public override string TypeName => "array";

    public void Add(TreeNode item)
    {
        Items.Add(item);
        _weight = (int)Math.Min(int.MaxValue, (long)_weight + item.Weight);
    }
}

/// <summary>One key of a map.</summary>
internal readonly record struct TreeEntry(string Key, int Line, TreeNode Value);

/// <summary>A map in the order of the text. Keys occur once; the builder reports the others.</summary>
internal sealed class TreeMap(int line, int column) : TreeNode(line, column)
{
    // Up to this count a scan of the keys is as fast as an index, which costs as much memory as the entries.
    private const int MaxScannedKeys = 8;
    private Dictionary<string, int>? _index;
    private int _weight = 1;

    public List<TreeEntry> Entries { get; } = [];

    public override int Weight => _weight;

    public override string TypeName => "object";

    /// <summary>The value of a key, or null.</summary>
    public TreeNode? this[string key] => Find(key) is >= 0 and var at ? Entries[at].Value : null;

    /// <summary>Adds a key; false if it exists already.</summary>
    public bool TryAdd(string key, int line, TreeNode value)
    {
        if (Find(key) >= 0)
        {
            return false;
        }

        Entries.Add(new(key, line, value));
        _weight = (int)Math.Min(int.MaxValue, (long)_weight + value.Weight);
        if (_index is not null)
        {
            _index[key] = Entries.Count - 1;
        }
        else if (Entries.Count > MaxScannedKeys)
        {
            _index = new(StringComparer.Ordinal);
            for (var at = 0; at < Entries.Count; at++)
            {
                _index[Entries[at].Key] = at;
            }
        }

        return true;
    }

    private int Find(string key)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(key, out var found) ? found : -1;
        }

        for (var at = 0; at < Entries.Count; at++)
        {
            if (string.Equals(Entries[at].Key, key, StringComparison.Ordinal))
            {
                return at;
            }
        }

        return -1;
    }
}

/// <summary>An error of the text itself, found before its content is interpreted.</summary>
internal readonly record struct SyntaxError(int Line, string Message, string? Remedy = null);

/// <summary>A document and its syntax errors; the root is null if nothing could be read.</summary>
internal sealed record TreeDocument(TreeNode? Root, IReadOnlyList<SyntaxError> SyntaxErrors);

/// <summary>Limits that keep a hostile document small.</summary>
internal static class TreeLimits
{
    /// <summary>Maximum levels of nesting. A NetworkPolicy has 10, a pod 12.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Maximum number of values behind all aliases of one document (against the billion-laughs attack).
    /// </summary>
    public const int MaxAliasedValues = 100_000;

    /// <summary>Maximum size of one file in bytes.</summary>
    public const long MaxFileBytes = 256L << 20;
}
