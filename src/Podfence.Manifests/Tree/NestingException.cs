namespace Podfence.Manifests;

/// <summary>A document is nested deeper than <see cref="TreeLimits.MaxDepth"/> and is not read.</summary>
internal sealed class NestingException(int line) : Exception($"nested deeper than {TreeLimits.MaxDepth} levels")
{
    /// <summary>The line of the first level beyond the limit.</summary>
    public int Line { get; } = line;
}
