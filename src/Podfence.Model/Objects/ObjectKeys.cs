namespace Podfence.Model;

/// <summary>Identifies a pod.</summary>
/// <param name="Namespace">The namespace's name.</param>
/// <param name="Name">The pod's name.</param>
public readonly record struct PodKey(string Namespace, string Name) : IComparable<PodKey>
{
    /// <inheritdoc/>
    public int CompareTo(PodKey other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>namespace/name.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Identifies a NetworkPolicy.</summary>
/// <param name="Namespace">The namespace's name.</param>
/// <param name="Name">The policy's name.</param>
public readonly record struct PolicyKey(string Namespace, string Name) : IComparable<PolicyKey>
{
    /// <inheritdoc/>
    public int CompareTo(PolicyKey other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>namespace/name.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
