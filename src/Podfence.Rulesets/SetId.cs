using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>Identifies a set. Two sets with the same name are the same set.</summary>
/// <param name="Name">Unique and stable: derived from the selector or the content.</param>
/// <param name="Kind">What the elements are.</param>
/// <param name="Family">Family of all elements.</param>
public sealed record SetId(string Name, SetKind Kind, IpFamily Family)
{
    /// <summary>
    /// What the set contains, in the terms of the policies that use it; for readers. It depends on the same as the
    /// name.
    /// </summary>
    public string? Description { get; init; }

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);
}
