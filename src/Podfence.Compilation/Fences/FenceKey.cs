using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// What makes two pods share a fence: the same policies isolate them, and the port names of these policies resolve to
/// the same numbers on both pods.
/// </summary>
internal sealed class FenceKey : IEquatable<FenceKey>
{
    // The same in both families, like what they are made of.
    private readonly string _nameSuffix;
    private readonly int _hash;

    /// <param name="direction">The direction, seen from the pod.</param>
    /// <param name="family">The family of the packets.</param>
    /// <param name="policies">The isolating policies, sorted; never empty.</param>
    /// <param name="namedPorts">
    /// For ingress: how the pod resolves the port names that the policies use, sorted. For egress: empty, because each
    /// destination resolves names for itself.
    /// </param>
    public FenceKey(
        Direction direction,
        IpFamily family,
        EquatableArray<PolicyKey> policies,
        EquatableArray<ResolvedPort> namedPorts
    )
        : this(
            direction,
            family,
            policies,
            namedPorts,
            StableName.FenceNameSuffix(policies, namedPorts),
            HashCode.Combine(direction, policies, namedPorts)
        ) { }

    private FenceKey(
        Direction direction,
        IpFamily family,
        EquatableArray<PolicyKey> policies,
        EquatableArray<ResolvedPort> namedPorts,
        string nameSuffix,
        int hash
    )
    {
        Direction = direction;
        Family = family;
        Policies = policies;
        NamedPorts = namedPorts;
        _nameSuffix = nameSuffix;
        _hash = hash;
        var prefix = direction == Direction.Ingress ? "ingress" : "egress";
        Name = $"{prefix}{(family == IpFamily.IPv4 ? "/v4" : "/v6")}{nameSuffix}";
    }

    public Direction Direction { get; }

    public IpFamily Family { get; }

    /// <summary>The isolating policies, sorted; never empty.</summary>
    public EquatableArray<PolicyKey> Policies { get; }

    /// <summary>For ingress: how the pod resolves the port names that the policies use, sorted.</summary>
    public EquatableArray<ResolvedPort> NamedPorts { get; }

    /// <summary>The name of the fence.</summary>
    public string Name { get; }

    /// <summary>The same key in another family.</summary>
    public FenceKey In(IpFamily family) =>
        family == Family ? this : new FenceKey(Direction, family, Policies, NamedPorts, _nameSuffix, _hash);

    /// <inheritdoc/>
    public bool Equals(FenceKey? other) =>
        ReferenceEquals(this, other)
        || (
            other is not null
            && other._hash == _hash
            && other.Family == Family
            && other.Direction == Direction
            && other.Policies == Policies
            && other.NamedPorts == NamedPorts
        );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FenceKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_hash, Family);
}
