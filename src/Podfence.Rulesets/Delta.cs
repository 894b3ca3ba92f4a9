namespace Podfence.Rulesets;

/// <summary>What a collection gains and loses. No value is in both.</summary>
/// <param name="Added">The values that are new.</param>
/// <param name="Removed">The values that are no longer there.</param>
public sealed record Delta<T>(IReadOnlyCollection<T> Added, IReadOnlyCollection<T> Removed)
{
    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => Added.Count + Removed.Count == 0;
}

/// <summary>A value before and after; one of them may be null, not both.</summary>
/// <param name="Before">The old value.</param>
/// <param name="After">The new value.</param>
public sealed record Change<T>(T? Before, T? After)
    where T : class;
