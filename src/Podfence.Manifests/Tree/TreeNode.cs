namespace Podfence.Manifests;

/// <summary>A value of a document, YAML or JSON, with its place in the text. Both front ends build it, so that all checks are written once.</summary>
internal abstract class TreeNode(int line, int column)
{
    /// <summary>Line from 1, 0 where positions do not matter.</summary>
    public int Line { get; } = line;

    /// <summary>Column from 1, 0 where positions do not matter.</summary>
    public int Column { get; } = column;

    /// <summary>Values in this subtree, shared ones counted as often as they are reached; saturates.</summary>
    public abstract int Weight { get; }

    /// <summary>The JSON type, as the API server's decoder names it.</summary>
    public abstract string TypeName { get; }
}

/// <summary>What a scalar is to a JSON decoder after the YAML rules of the API server.</summary>
internal enum ScalarKind
{
    Null,
    Bool,
    Integer,
    Float,
    String,
}

/// <summary>A scalar: for strings the value, otherwise the text as it was written.</summary>
internal sealed class TreeScalar(string text, ScalarKind kind, int line, int column) : TreeNode(line, column)
{
    public string Text { get; } = text;

    public ScalarKind Kind { get; } = kind;

    public override int Weight => 1;

    public override string TypeName => Kind switch
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
    // Up to here a scan of the keys is as fast as an index, which costs as much memory as the entries.
    private const int MostScanned = 8;
    private Dictionary<string, int>? _index;
    private int _weight = 1;

    public List<TreeEntry> Entries { get; } = [];

    public override int Weight => _weight;

    public override string TypeName => "object";

    /// <summary>The value of a key, or null where there is none.</summary>
    public TreeNode? this[string key] => Find(key) is >= 0 and var at ? Entries[at].Value : null;

    /// <summary>Adds a key; false where it is there already.</summary>
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
        else if (Entries.Count > MostScanned)
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

/// <summary>A fault of the text itself, before it has any meaning.</summary>
internal readonly record struct SyntaxFault(int Line, string Message, string? Remedy = null);

/// <summary>A document and what is wrong with its text; the root is null where nothing could be read.</summary>
internal sealed record TreeDocument(TreeNode? Root, IReadOnlyList<SyntaxFault> Faults);

/// <summary>What keeps a hostile document small.</summary>
internal static class TreeLimits
{
    /// <summary>Levels of nesting. A NetworkPolicy has 10, a pod 12.</summary>
    public const int Depth = 64;

    /// <summary>Values that all aliases of one document may stand for together: the billion-laughs bound.</summary>
    public const int AliasedValues = 100_000;

    /// <summary>Bytes of one file.</summary>
    public const long FileBytes = 256L << 20;
}
