using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Podfence.Manifests;

/// <summary>
/// Which fields of a JSON value are wanted. The items of a list have the shape of the list. A value that is no map where fields were expected is taken as it is,
/// so that reading it reports what it is instead.
/// </summary>
internal sealed class Projection
{
    private readonly (byte[] Utf8, string Name, Projection Shape)[]? _fields;

    private Projection((byte[] Utf8, string Name, Projection Shape)[]? fields) => _fields = fields;

    /// <summary>Everything.</summary>
    public static Projection All { get; } = new(null);

    /// <summary>These fields of a map and no other.</summary>
    public static Projection Of(params ReadOnlySpan<(string Name, Projection Shape)> fields)
    {
        var known = new (byte[], string, Projection)[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            known[i] = (Encoding.UTF8.GetBytes(fields[i].Name), fields[i].Name, fields[i].Shape);
        }

        return new(known);
    }

    /// <summary>These fields of a map, whatever is in them, and no other.</summary>
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
    public Projection And(string name, Projection shape) => new([.. _fields ?? [], (Encoding.UTF8.GetBytes(name), name, shape)]);

    /// <summary>Whether the field at whose name the reader stands is wanted; its name, which is allocated for unknown names only, and its shape.</summary>
    public bool TryEnter(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out Projection? shape)
    {
        if (_fields is null)
        {
            (name, shape) = (reader.GetString() ?? "", All);
            return true;
        }

        foreach (var (utf8, known, inner) in _fields)
        {
            if (reader.ValueTextEquals(utf8))
            {
                (name, shape) = (known, inner);
                return true;
            }
        }

        (name, shape) = (null, null);
        return false;
    }
}
