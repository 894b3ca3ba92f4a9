using System.Text;

namespace Podfence.Manifests;

/// <summary>The path of a field, formatted only for a diagnostic: <c>spec.ingress[0].ports[1].port</c>.</summary>
internal sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string? _name;
    private readonly int _index;
    private readonly bool _isKey;

    private FieldPath(FieldPath? parent, string? name, int index, bool isKey)
    {
        _parent = parent;
        _name = name;
        _index = index;
        _isKey = isKey;
    }

    /// <summary>The object itself.</summary>
    public static FieldPath Root { get; } = new(null, null, 0, false);

    /// <summary>A field of the object at this path.</summary>
    public FieldPath Child(string name) => new(this, name, 0, false);

    /// <summary>An item of the list at this path.</summary>
    public FieldPath Index(int index) => new(this, null, index, false);

    /// <summary>A key of the map at this path.</summary>
    public FieldPath Key(string key) => new(this, key, 0, true);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (_parent is null)
        {
            return;
        }

        _parent.Append(text);
        if (_name is null)
        {
            text.Append('[').Append(_index).Append(']');
        }
        else if (_isKey)
        {
            text.Append('[').Append(_name).Append(']');
        }
        else
        {
            text.Append(text.Length > 0 ? "." : "").Append(_name);
        }
    }
}
