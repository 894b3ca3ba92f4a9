using System.Globalization;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// A place in an object, whether or not something stands there, that reads what it should hold and reports what it holds instead,
/// as the API server's decoder does. Null counts as absent.
/// </summary>
internal readonly struct Field
{
    private readonly TreeNode? _node;
    private readonly DiagnosticSink _sink;

    public Field(TreeNode? node, FieldPath path, int line, DiagnosticSink sink)
    {
        _node = node is TreeScalar { Kind: ScalarKind.Null } ? null : node;
        _sink = sink;
        Path = path;
        Line = node?.Line is > 0 and var own ? own : line;
        IsNull = node is TreeScalar { Kind: ScalarKind.Null };
    }

    /// <summary>The field's path.</summary>
    public FieldPath Path { get; }

    /// <summary>The line of the value, or of what it is missing from.</summary>
    public int Line { get; }

    /// <summary>Whether there is a value other than null.</summary>
    public bool IsPresent => _node is not null;

    /// <summary>Whether null is written.</summary>
    public bool IsNull { get; }

    /// <summary>Whether text stands here.</summary>
    public bool IsString => _node is TreeScalar { Kind: ScalarKind.String };

    /// <summary>What stands here, or null.</summary>
    public TreeNode? Node => _node;

    /// <summary>The value as a map; without a fault where it is something else.</summary>
    public TreeMap? MapOrNull => _node as TreeMap;

    /// <summary>Whether the object has to be flawless. If not, the API server's checks are not repeated.</summary>
    public bool IsStrict => _sink.IsStrict;

    /// <summary>Errors found so far, to tell whether reading a part has found one.</summary>
    public int Problems => _sink.Problems;

    /// <summary>A field of the map that should stand here.</summary>
    public Field this[string name] => new(MapOrNull?[name], Path.Child(name), Line, _sink);

    /// <summary>Reports where the value is no map; true where it is one or is absent.</summary>
    public bool CheckMap() => _node is null or TreeMap || TypeFault("object", "write a map: a line for each field, or {}");

    /// <summary>The items of a list; none where absent, a fault where it is something else.</summary>
    public List<Field> Items()
    {
        var items = new List<Field>();
        if (_node is TreeList list)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                items.Add(new Field(list.Items[i], Path.Index(i), Line, _sink));
            }
        }
        else if (_node is not null)
        {
            TypeFault("array", _node is TreeMap ? "put a dash before the item" : "write a list: a dash before each item, or []");
        }

        return items;
    }

    /// <summary>The keys and values of a map; none where absent, a fault where it is something else.</summary>
    public List<(string Key, Field Value)> Entries()
    {
        var entries = new List<(string, Field)>();
        if (CheckMap() && MapOrNull is { } map)
        {
            foreach (var entry in map.Entries)
            {
                entries.Add((entry.Key, new Field(entry.Value, Path.Key(entry.Key), entry.Line, _sink)));
            }
        }

        return entries;
    }

    /// <summary>Text, or null where absent or wrong.</summary>
    public string? String()
    {
        if (_node is TreeScalar { Kind: ScalarKind.String } scalar)
        {
            return scalar.Text;
        }

        if (_node is not null)
        {
            TypeFault("string", _node is TreeScalar plain ? $"quote it: {GoText.Quote(plain.Text)}" : "write a text");
        }

        return null;
    }

    /// <summary>A boolean, or null where absent or wrong.</summary>
    public bool? Bool()
    {
        if (_node is TreeScalar { Kind: ScalarKind.Bool } scalar)
        {
            return YamlScalar.IsTrue(scalar.Text);
        }

        if (_node is not null)
        {
            TypeFault("bool", IsString ? "write true or false, without quotes" : "write true or false");
        }

        return null;
    }

    /// <summary>A number of 32 bits, or null where absent or wrong.</summary>
    public int? Int32()
    {
        if (_node is TreeScalar { Kind: ScalarKind.Integer } scalar && YamlScalar.TryInteger(scalar.Text, out var number)
            && number is >= int.MinValue and <= int.MaxValue)
        {
            return (int)number;
        }

        if (_node is TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } other)
        {
            Error($"cannot unmarshal number {other.Text} into int32", "write a whole number of 32 bits");
        }
        else if (_node is not null)
        {
            var isQuoted = _node is TreeScalar { Kind: ScalarKind.String } text
                && int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
            TypeFault("int32", isQuoted ? "remove the quotes" : "write a number");
        }

        return null;
    }

    /// <summary>Reports the fields that the API does not know. Objects of the API server may be newer than we are, so there they pass.</summary>
    public void AllowOnly(ReadOnlySpan<string> known)
    {
        if (!_sink.IsStrict || MapOrNull is not { } map)
        {
            return;
        }

        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Key))
            {
                var path = Path.Child(entry.Key);
                var guess = DidYouMean.Closest(entry.Key, known);
                var remedy = guess is null ? $"known here: {string.Join(", ", known!)}" : $"did you mean \"{guess}\"?";
                _sink.Error(entry.Line, path, $"unknown field \"{path}\"", remedy);
            }
        }
    }

    /// <summary>An error in the API server's form: field, what is wrong.</summary>
    public void Error(string message, string? remedy = null) => _sink.Error(Line, Path, $"{Path}: {message}", remedy);

    /// <summary>A warning in the API server's form.</summary>
    public void Warning(string message, string? remedy = null) => _sink.Warning(Line, Path, $"{Path}: {message}", remedy);

    /// <summary>The kind of value is missing.</summary>
    public void Required(string detail, string? remedy = null) => Error(Join("Required value", detail), remedy);

    /// <summary>The value may not be there.</summary>
    public void Forbidden(string detail, string? remedy = null) => Error(Join("Forbidden", detail), remedy);

    /// <summary>The text is malformed.</summary>
    public void Invalid(string value, string detail, string? remedy = null) => Error($"Invalid value: {GoText.Quote(value)}: {detail}", remedy);

    /// <summary>As <see cref="Invalid(string, string, string)"/>, at a line inside the field.</summary>
    public void InvalidAt(int line, string value, string detail) =>
        _sink.Error(line, Path, $"{Path}: Invalid value: {GoText.Quote(value)}: {detail}");

    /// <summary>The number is out of bounds.</summary>
    public void Invalid(int value, string detail, string? remedy = null) => Error($"Invalid value: {value}: {detail}", remedy);

    /// <summary>The value occurs before in the list.</summary>
    public void Duplicate(string value, string? remedy = null) => Error($"Duplicate value: {GoText.Quote(value)}", remedy);

    /// <summary>The text is none of those that are allowed.</summary>
    public void Unsupported(string value, ReadOnlySpan<string> supported)
    {
        var guess = DidYouMean.Closest(value, supported);
        var list = string.Join(", ", supported.ToArray().Select(GoText.Quote));
        Error($"Unsupported value: {GoText.Quote(value)}: supported values: {list}", guess is null ? null : $"did you mean {guess}?");
    }

    /// <summary>Says what a part means that cannot be read. Strict reading has refused the object before, with reasons.</summary>
    public void Unreadable(string consequence) => Error($"cannot be read: {consequence}");

    private static string Join(string kind, string detail) => detail.Length == 0 ? kind : $"{kind}: {detail}";

    private bool TypeFault(string expected, string? remedy)
    {
        Error($"cannot unmarshal {_node!.TypeName} into {expected}", remedy);
        return false;
    }
}
