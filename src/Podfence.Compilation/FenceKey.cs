using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>What makes two pods share a fence: the same policies isolate them, and the names of ports mean the same numbers on both.</summary>
internal sealed class FenceKey : IEquatable<FenceKey>
{
    // The same in both families, like what they are made of.
    private readonly string _tail;
    private readonly int _hash;

    /// <summary>Makes a key.</summary>
    /// <param name="direction">The side of the pod.</param>
    /// <param name="family">The family of the packets.</param>
    /// <param name="policies">The isolating policies, sorted; never empty.</param>
    /// <param name="namedPorts">For ingress: how the pod resolves the names that the policies use, sorted; for egress empty, since each destination resolves for itself.</param>
    public FenceKey(Direction direction, IpFamily family, EquatableArray<PolicyKey> policies, EquatableArray<ResolvedPort> namedPorts)
        : this(direction, family, policies, namedPorts, StableName.TailOfFence(policies, namedPorts), HashCode.Combine(direction, policies, namedPorts))
    {
    }

    private FenceKey(Direction direction, IpFamily family, EquatableArray<PolicyKey> policies, EquatableArray<ResolvedPort> namedPorts, string tail, int hash)
    {
        Direction = direction;
        Family = family;
        Policies = policies;
        NamedPortResolver = namedPorts;
        _tail = tail;
        _hash = hash;
        Name = $"{(direction == Direction.Ingress ? "ingress" : "egress")}{(family == IpFamily.IPv4 ? "/v4" : "/v6")}{tail}";
    }

    /// <summary>The side of the pod.</summary>
    public Direction Direction { get; }

    /// <summary>The family of the packets.</summary>
    public IpFamily Family { get; }

    /// <summary>The isolating policies, sorted; never empty.</summary>
    public EquatableArray<PolicyKey> Policies { get; }

    /// <summary>For ingress: how the pod resolves the names that the policies use, sorted.</summary>
    public EquatableArray<ResolvedPort> NamedPortResolver { get; }

    /// <summary>The name of the fence.</summary>
    public string Name { get; }

    /// <summary>The same key in a family.</summary>
    public FenceKey In(IpFamily family) => family == Family ? this : new FenceKey(Direction, family, Policies, NamedPortResolver, _tail, _hash);

    /// <inheritdoc/>
    public bool Equals(FenceKey? other) => ReferenceEquals(this, other)
        || (other is not null && other._hash == _hash && other.Family == Family && other.Direction == Direction && other.Policies == Policies && other.NamedPortResolver == NamedPortResolver);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FenceKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_hash, Family);
}

/// <summary>The numbers that one pod gives to a port's name; none where it does not declare it.</summary>
internal sealed record ResolvedPort(string Name, Protocol Protocol, EquatableArray<int> Numbers);
