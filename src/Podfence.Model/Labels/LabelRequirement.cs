using Podfence.Base;

namespace Podfence.Model;

/// <summary>How a requirement compares.</summary>
public enum LabelOperator
{
    /// <summary>The key is present and its value is listed.</summary>
    In,

    /// <summary>The key is absent, or its value is not listed.</summary>
    NotIn,

    /// <summary>The key is present.</summary>
    Exists,

    /// <summary>The key is absent.</summary>
    DoesNotExist,
}

/// <summary>One requirement of a label selector.</summary>
/// <param name="Key">The label key.</param>
/// <param name="Operator">How to compare.</param>
/// <param name="Values">The values for In and NotIn; empty otherwise.</param>
public sealed record LabelRequirement(string Key, LabelOperator Operator, EquatableArray<string> Values)
{
    /// <summary>
    /// One line of <c>matchLabels</c>: the key is present with exactly this value, which may be empty.
    /// </summary>
    public static LabelRequirement Equal(string key, string value) => new(key, LabelOperator.In, [value]);

    /// <summary>
    /// Whether the labels satisfy the requirement. <c>NotIn</c> and <c>DoesNotExist</c> are satisfied if the key is
    /// absent.
    /// </summary>
    public bool Matches(LabelSet labels)
    {
        var value = labels[Key];
        return Operator switch
        {
            LabelOperator.In => value is not null && Lists(value),
            LabelOperator.NotIn => value is null || !Lists(value),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Operator switch
        {
            LabelOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
            LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
            LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
            LabelOperator.Exists => Key,
            _ => $"!{Key}",
        };

    private bool Lists(string value)
    {
        foreach (var candidate in Values)
        {
            if (string.Equals(candidate, value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
