namespace Podfence.TestKit;

/// <summary>How large and how strange generated clusters are.</summary>
public sealed record GeneratorOptions
{
    /// <summary>At most so many nodes. Default 3.</summary>
    public int MaxNodes { get; init; } = 3;

    /// <summary>At most so many namespaces. Default 4.</summary>
    public int MaxNamespaces { get; init; } = 4;

    /// <summary>At most so many pods. Default 8.</summary>
    public int MaxPods { get; init; } = 8;

    /// <summary>At most so many policies. Default 8.</summary>
    public int MaxPolicies { get; init; } = 8;

    /// <summary>
    /// Whether there may be what only a state can hold and no network of real pods can: contested addresses, finished
    /// pods, pods without node or address, nodes and namespaces that have not been seen. Default true; switch it off
    /// for clusters that are to be built of network namespaces.
    /// </summary>
    public bool Unreal { get; init; } = true;

    /// <summary>Whether a policy may have 20 to 60 rules, in one cluster of ten. Default true.</summary>
    public bool LargePolicies { get; init; } = true;
}
