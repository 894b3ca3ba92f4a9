using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Podfence.Manifests;

/// <summary>
/// The fields of a JSON value to read. The projection of a list applies to its items. A value that is not a map is read
/// completely, so that the reader can report its type.
/// </summary>
internal sealed class Projection
{
    private readonly (byte[] Utf8, string Name, Projection Inner)[]? _fields;

    private Projection((byte[] Utf8, string Name, Projection Inner)[]? fields) => _fields = fields;

    /// <summary>Everything.</summary>
    public static Projection All { get; } = new(null);

    /// <summary>Exactly these fields of a map.</summary>
    public static Projection Of(params ReadOnlySpan<(string Name, Projection Inner)> fields)
    {
        var known = new (byte[], string, Projection)[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            known[i] = (Encoding.UTF8.GetBytes(fields[i].Name), fields[i].Name, fields[i].Inner);
        }

        return new(known);
    }

    /// <summary>Exactly these fields of a map, each with all its content.</summary>
    public static Projection OfNames(params ReadOnlySpan<string> names)
    {
        var fields = new (string, Projection)[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            fields[i] = (names[i], All);
        }

        return Of(fields);
    }

    /// <summary>These fields and one more.</summary>
    public Projection And(string name, Projection inner) =>
        new([.. _fields ?? [], (Encoding.UTF8.GetBytes(name), name, inner)]);

    /// <summary>
    /// Whether to read the field whose name the reader is at. Returns its name, which is allocated only for <see
    /// cref="All"/>, and its projection.
    /// </summary>
    public bool TryEnter(
        ref Utf8JsonReader reader,
        [NotNullWhen(true)] out string? name,
        [NotNullWhen(true)] out Projection? inner
    )
    {
        if (_fields is null)
        {
            (name, inner) = (reader.GetString() ?? "", All);
            return true;
        }

        foreach (var (utf8, known, projection) in _fields)
        {
            if (reader.ValueTextEquals(utf8))
            {
                (name, inner) = (known, projection);
                return true;
            }
        }

        (name, inner) = (null, null);
        return false;
    }
}
