namespace Podfence.Manifests;

/// <summary>A document is nested deeper than <see cref="TreeLimits.Depth"/>; nothing of it is read.</summary>
internal sealed class NestingException(int line) : Exception($"nested deeper than {TreeLimits.Depth} levels")
{
    /// <summary>The line of the level that is one too many.</summary>
    public int Line { get; } = line;
}
