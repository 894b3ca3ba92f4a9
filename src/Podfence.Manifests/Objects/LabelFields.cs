using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads maps of labels, those of objects and those of selectors.</summary>
internal static class LabelFields
{
    /// <summary>Labels of an object, checked by the server's rules.</summary>
    public static LabelSet ReadSet(Field field)
    {
        var labels = Read(field);
        if (field.IsStrict)
        {
            Validate(labels, field);
        }

        return LabelSet.Create(labels.ConvertAll(static label => new KeyValuePair<string, string>(label.Key, label.Value)));
    }

    /// <summary>The labels as written. Null is the empty string to the API server's decoder.</summary>
    public static List<(string Key, string Value, Field At)> Read(Field field)
    {
        var labels = new List<(string, string, Field)>();
        foreach (var (key, value) in field.Entries())
        {
            if (value.IsNull)
            {
                value.Warning("null is read as the empty string", "write \"\" if that is meant, or the value that is missing");
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
            foreach (var fault in NameValidation.LabelKey(key))
            {
                map.InvalidAt(at.Line, key, fault);
            }

            foreach (var fault in NameValidation.LabelValue(value))
            {
                map.InvalidAt(at.Line, value, fault);
            }
        }
    }
}
