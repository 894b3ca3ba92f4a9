using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// A node of a kubeconfig or of a plugin's output, present or not. Wrong types are errors that name file and field.
/// </summary>
internal readonly struct ConfigNode
{
    private readonly TreeNode? _node;
    private readonly string _path;

    public ConfigNode(TreeNode? node, string file, string path)
    {
        _node = node is TreeScalar { Kind: ScalarKind.Null } ? null : node;
        File = file;
        _path = path;
    }

    /// <summary>The file, as messages name it.</summary>
    public string File { get; }

    /// <summary>File and field, as messages name them.</summary>
    public string Place => $"{File}: {_path}";

    /// <summary>Whether there is a value other than null.</summary>
    public bool IsPresent => _node is not null;

    public TreeNode? Node => _node;

    /// <summary>A field of this map; a missing node if this is missing.</summary>
    public ConfigNode this[string name]
    {
        get
        {
            var child = _path.Length == 0 ? name : $"{_path}.{name}";
            return _node switch
            {
                null => new(null, File, child),
                TreeMap map => new(map[name], File, child),
                _ => throw Error("must be a map", $"write its fields below it, as in `{name}: ...`"),
            };
        }
    }

    /// <summary>The text of a scalar; null if missing or empty.</summary>
    public string? Text() =>
        _node switch
        {
            null => null,
            TreeScalar { Text.Length: 0 } => null,
            TreeScalar scalar => scalar.Text,
            _ => throw Error("must be text", "quote it if it looks like something else"),
        };

    /// <summary>The text of a required field.</summary>
    public string Required(string remedy) => Text() ?? throw Error("missing", remedy);

    /// <summary>A boolean; false if missing.</summary>
    public bool Flag() =>
        _node switch
        {
            null => false,
            TreeScalar { Kind: ScalarKind.Bool } scalar => YamlScalar.IsTrue(scalar.Text),
            _ => throw Error("must be true or false", "write one of them without quotes"),
        };

    /// <summary>The items of a list; none if missing.</summary>
    public IEnumerable<ConfigNode> Items()
    {
        var (file, path) = (File, _path);
        return _node switch
        {
            null => [],
            TreeList list => list.Items.Select((item, i) => new ConfigNode(item, file, $"{path}[{i}]")),
            _ => throw Error("must be a list", "put a dash before each item"),
        };
    }

    /// <summary>The content of the item with a name; a missing node if there is none.</summary>
    /// <param name="name">Its <c>name</c>.</param>
    /// <param name="content">The field that contains the item's content.</param>
    public ConfigNode Named(string name, string content)
    {
        foreach (var item in Items())
        {
            if (item["name"].Text() == name)
            {
                return new ConfigNode(item[content].Node ?? new TreeMap(0, 0), File, $"{_path}[{name}].{content}");
            }
        }

        return new ConfigNode(null, File, $"{_path}[{name}]");
    }

    /// <summary>The error of this field.</summary>
    public AccessException Error(string problem, string remedy) => AccessException.At(File, _path, problem, remedy);
}
