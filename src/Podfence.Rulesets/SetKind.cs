namespace Podfence.Rulesets;

/// <summary>The kind of a set's elements.</summary>
public enum SetKind : byte
{
    /// <summary>Single addresses of pods; changes by elements.</summary>
    Addresses,

    /// <summary>
    /// Disjoint ranges of addresses, from ipBlocks. Named by content, so it never changes: different content is a
    /// different set.
    /// </summary>
    Ranges,

    /// <summary>Address, protocol and port of a destination, from named ports; changes by elements.</summary>
    Endpoints,
}
