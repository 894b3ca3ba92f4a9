using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads maps of labels, of objects and of selectors.</summary>
internal static class LabelFields
{
    /// <summary>Reads the labels of an object and checks them by the API server's rules.</summary>
    public static LabelSet ReadSet(Field field)
    {
        var labels = Read(field);
        if (field.IsStrict)
        {
            Validate(labels, field);
        }

        return LabelSet.Create(
            labels.ConvertAll(static label => new KeyValuePair<string, string>(label.Key, label.Value))
        );
    }

    /// <summary>Reads labels as written. The API server's decoder reads null as the empty string.</summary>
    public static List<(string Key, string Value, Field At)> Read(Field field)
    {
        var labels = new List<(string, string, Field)>();
        foreach (var (key, value) in field.Entries())
        {
            if (value.IsNull)
            {
                value.Warning(
                    "null is read as the empty string",
                    "write \"\" if that is intended, or the missing value"
                );
            }

            if (value.String() is { } text || (text = value.IsNull ? "" : null) is not null)
            {
                labels.Add((key, text, value));
            }
        }

        return labels;
    }

    /// <summary>The API server reports keys and values at the map, not at the key.</summary>
    public static void Validate(List<(string Key, string Value, Field At)> labels, Field map)
    {
        foreach (var (key, value, at) in labels)
        {
            foreach (var message in NameValidation.LabelKey(key))
            {
                map.InvalidAt(at.Line, key, message);
            }

            foreach (var message in NameValidation.LabelValue(value))
            {
                map.InvalidAt(at.Line, value, message);
            }
        }
    }
}
