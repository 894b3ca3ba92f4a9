namespace Podfence.Model;

/// <summary>Names a pod.</summary>
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

/// <summary>Names a NetworkPolicy.</summary>
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

/// <summary>Where an object was read from, for messages.</summary>
/// <param name="File">The file as the user named it, <c>-</c> for standard input, or null for an object of the API server.</param>
/// <param name="Line">The line, from 1; 0 where unknown.</param>
public readonly record struct SourceLocation(string? File, int Line)
{
    /// <summary>file:line, as compilers write it.</summary>
    public override string ToString() => File is null ? "API" : Line > 0 ? $"{File}:{Line}" : File;
}
