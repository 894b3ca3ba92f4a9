using System.Globalization;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// A field of an object, present or not. It reads the value as the expected type and reports a value of another type,
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

    /// <summary>The line of the value, or of the object that lacks it.</summary>
    public int Line { get; }

    /// <summary>Whether the field has a value other than null.</summary>
    public bool IsPresent => _node is not null;

    /// <summary>Whether the value is an explicit null.</summary>
    public bool IsNull { get; }

    /// <summary>Whether the value is a string.</summary>
    public bool IsString => _node is TreeScalar { Kind: ScalarKind.String };

    /// <summary>The value, or null.</summary>
    public TreeNode? Node => _node;

    /// <summary>The value as a map; null, without a diagnostic, if it is something else.</summary>
    public TreeMap? MapOrNull => _node as TreeMap;

    /// <summary>Whether any error rejects the object. If not, the API server's checks are not repeated.</summary>
    public bool IsStrict => _sink.IsStrict;

    /// <summary>Errors found so far, to find out whether reading a part added any.</summary>
    public int ErrorCount => _sink.ErrorCount;

    /// <summary>A field of this map.</summary>
    public Field this[string name] => new(MapOrNull?[name], Path.Child(name), Line, _sink);

    /// <summary>Reports a value that is not a map; true for a map or an absent value.</summary>
    public bool CheckMap() =>
        _node is null or TreeMap || TypeError("object", "write a map: a line for each field, or {}");

    /// <summary>The items of a list; empty if absent; reports a value of another type.</summary>
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
            TypeError(
                "array",
                _node is TreeMap ? "put a dash before the item" : "write a list: a dash before each item, or []"
            );
        }

        return items;
    }

    /// <summary>The keys and values of a map; empty if absent; reports a value of another type.</summary>
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

    /// <summary>The text; null if absent; reports a value of another type.</summary>
    public string? String()
    {
        if (_node is TreeScalar { Kind: ScalarKind.String } scalar)
        {
            return scalar.Text;
        }

        if (_node is not null)
        {
            TypeError("string", _node is TreeScalar plain ? $"quote it: {GoText.Quote(plain.Text)}" : "write a text");
        }

        return null;
    }

    /// <summary>The boolean; null if absent; reports a value of another type.</summary>
    public bool? Bool()
    {
        if (_node is TreeScalar { Kind: ScalarKind.Bool } scalar)
        {
            return YamlScalar.IsTrue(scalar.Text);
        }

        if (_node is not null)
        {
            TypeError("bool", IsString ? "write true or false, without quotes" : "write true or false");
        }

        return null;
    }

    /// <summary>The 32-bit number; null if absent; reports another value.</summary>
    public int? Int32()
    {
        if (
            _node is TreeScalar { Kind: ScalarKind.Integer } scalar
            && YamlScalar.TryInteger(scalar.Text, out var number)
            && number is >= int.MinValue and <= int.MaxValue
        )
        {
            return (int)number;
        }

        if (_node is TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } other)
        {
            Error($"cannot unmarshal number {other.Text} into int32", "write a whole number of 32 bits");
        }
        else if (_node is not null)
        {
            var isQuoted =
                _node is TreeScalar { Kind: ScalarKind.String } text
                && int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
            TypeError("int32", isQuoted ? "remove the quotes" : "write a number");
        }

        return null;
    }

    /// <summary>
    /// Reports fields that the API does not have. Not for objects of the API server, which may be newer than Podfence.
    /// </summary>
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
                var remedy = guess is null
                    ? $"known fields: {string.Join(", ", known!)}"
                    : $"did you mean \"{guess}\"?";
                _sink.Error(entry.Line, path, $"unknown field \"{path}\"", remedy);
            }
        }
    }

    /// <summary>Reports an error in the API server's form: field and problem.</summary>
    public void Error(string message, string? remedy = null) => _sink.Error(Line, Path, $"{Path}: {message}", remedy);

    /// <summary>Reports a warning in the API server's form.</summary>
    public void Warning(string message, string? remedy = null) =>
        _sink.Warning(Line, Path, $"{Path}: {message}", remedy);

    /// <summary>Reports that a required value is missing.</summary>
    public void Required(string detail, string? remedy = null) => Error(Join("Required value", detail), remedy);

    /// <summary>Reports that the value is not allowed here.</summary>
    public void Forbidden(string detail, string? remedy = null) => Error(Join("Forbidden", detail), remedy);

    /// <summary>Reports that the text is malformed.</summary>
    public void Invalid(string value, string detail, string? remedy = null) =>
        Error($"Invalid value: {GoText.Quote(value)}: {detail}", remedy);

    /// <summary>As <see cref="Invalid(string, string, string)"/>, at a line inside the field.</summary>
    public void InvalidAt(int line, string value, string detail) =>
        _sink.Error(line, Path, $"{Path}: Invalid value: {GoText.Quote(value)}: {detail}");

    /// <summary>Reports that the number is out of range.</summary>
    public void Invalid(int value, string detail, string? remedy = null) =>
        Error($"Invalid value: {value}: {detail}", remedy);

    /// <summary>Reports that the value already occurs in the list.</summary>
    public void Duplicate(string value, string? remedy = null) =>
        Error($"Duplicate value: {GoText.Quote(value)}", remedy);

    /// <summary>Reports that the text is not one of the allowed values.</summary>
    public void Unsupported(string value, ReadOnlySpan<string> supported)
    {
        var guess = DidYouMean.Closest(value, supported);
        var list = string.Join(", ", supported.ToArray().Select(GoText.Quote));
        Error(
            $"Unsupported value: {GoText.Quote(value)}: supported values: {list}",
            guess is null ? null : $"did you mean {guess}?"
        );
    }

    /// <summary>
    /// Reports the consequence of a part that cannot be parsed. In strict mode the object has already been rejected,
    /// with reasons.
    /// </summary>
    public void Unreadable(string consequence) => Error($"cannot be parsed: {consequence}");

    private static string Join(string kind, string detail) => detail.Length == 0 ? kind : $"{kind}: {detail}";

    private bool TypeError(string expected, string? remedy)
    {
        Error($"cannot unmarshal {_node!.TypeName} into {expected}", remedy);
        return false;
    }
}
