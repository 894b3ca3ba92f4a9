using Podfence.Base;

namespace Podfence.Model;

/// <summary>
/// A label selector (meta/v1). All requirements must hold; without any, every label set matches.
/// An absent selector is a null reference; each field defines what that selects.
/// </summary>
public sealed record LabelSelector
{
    /// <summary>The selector <c>{}</c>, which matches everything.</summary>
    public static LabelSelector Everything { get; } = new();

    /// <summary>
    /// All requirements, those of <c>matchLabels</c> first as <see cref="LabelOperator.In"/> with one value.
    /// </summary>
    public EquatableArray<LabelRequirement> Requirements { get; init; }

    /// <summary>
    /// True for a stored selector that cannot be parsed (validation tolerates it on update).
    /// It fails closed: as a peer it matches nothing, as the subject of a policy it selects every pod.
    /// </summary>
    public bool Unreadable { get; init; }

    /// <summary>A selector with <c>matchLabels</c> only.</summary>
    public static LabelSelector MatchLabels(params ReadOnlySpan<(string Key, string Value)> labels)
    {
        var requirements = new LabelRequirement[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            requirements[i] = LabelRequirement.Equal(labels[i].Key, labels[i].Value);
        }

        return new() { Requirements = EquatableArray.Create<LabelRequirement>(requirements) };
    }

    /// <summary>Whether a peer with these labels matches.</summary>
    public bool Matches(LabelSet labels)
    {
        if (Unreadable)
        {
            return false;
        }

        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a pod with these labels is the subject of the policy: as <see cref="Matches"/>, but an unreadable
    /// selector selects every pod.
    /// </summary>
    public bool SelectsSubject(LabelSet labels) => Unreadable || Matches(labels);

    /// <summary>The form that <c>kubectl</c> prints; <c>&lt;everything&gt;</c> for the empty selector.</summary>
    public override string ToString() =>
        Unreadable ? "<unreadable>"
        : Requirements.IsEmpty ? "<everything>"
        : string.Join(',', Requirements);
}
