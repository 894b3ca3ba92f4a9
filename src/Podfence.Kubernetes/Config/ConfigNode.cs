using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A place in a kubeconfig or in the answer of a plugin, whether or not something stands there. Wrong types are errors that name file and field.</summary>
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

    /// <summary>Whether a value other than null stands here.</summary>
    public bool IsPresent => _node is not null;

    /// <summary>What stands here.</summary>
    public TreeNode? Node => _node;

    /// <summary>A field of the map that has to stand here, if anything does.</summary>
    public ConfigNode this[string name]
    {
        get
        {
            var child = _path.Length == 0 ? name : $"{_path}.{name}";
            return _node switch
            {
                null => new(null, File, child),
                TreeMap map => new(map[name], File, child),
                _ => throw Fails("fields are expected here", $"put them below it, as in `{name}: ...`"),
            };
        }
    }

    /// <summary>The text of a scalar; null where there is none or it is empty.</summary>
    public string? Text() => _node switch
    {
        null => null,
        TreeScalar { Text.Length: 0 } => null,
        TreeScalar scalar => scalar.Text,
        _ => throw Fails("text is expected here", "quote it if it looks like something else"),
    };

    /// <summary>The text, which has to be there.</summary>
    public string Required(string remedy) => Text() ?? throw Fails("it is missing", remedy);

    /// <summary>A boolean; false where there is none.</summary>
    public bool Flag() => _node switch
    {
        null => false,
        TreeScalar { Kind: ScalarKind.Bool } scalar => YamlScalar.IsTrue(scalar.Text),
        _ => throw Fails("true or false is expected here", "write one of them without quotes"),
    };

    /// <summary>The items of a list; none where there is none.</summary>
    public IEnumerable<ConfigNode> Items()
    {
        var (file, path) = (File, _path);
        return _node switch
        {
            null => [],
            TreeList list => list.Items.Select((item, i) => new ConfigNode(item, file, $"{path}[{i}]")),
            _ => throw Fails("a list is expected here", "put a dash before each item"),
        };
    }

    /// <summary>The item of a list of named things; one that is not there where there is none.</summary>
    /// <param name="name">Its <c>name</c>.</param>
    /// <param name="content">The field that holds what it names.</param>
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

    /// <summary>What is wrong here.</summary>
    public AccessException Fails(string problem, string remedy) => AccessException.At(File, _path, problem, remedy);
}
