using Podfence.Base;

namespace Podfence.Model;

/// <summary>The two directions of policy, seen from the pod.</summary>
public enum Direction : byte
{
    /// <summary>Connections to the pod.</summary>
    Ingress,

    /// <summary>Connections from the pod.</summary>
    Egress,
}

/// <summary>
/// A NetworkPolicy (networking.k8s.io/v1) after defaulting: absent fields have been given the API server's defaults.
/// </summary>
public sealed record NetworkPolicy
{
    /// <summary>Namespace and name.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>The pods of the namespace that the policy applies to; all if absent.</summary>
    public LabelSelector PodSelector { get; init; } = LabelSelector.Everything;

    /// <summary>policyTypes contains Ingress: selected pods are isolated for connections to them.</summary>
    public bool IsolatesIngress { get; init; }

    /// <summary>policyTypes contains Egress: selected pods are isolated for connections from them.</summary>
    public bool IsolatesEgress { get; init; }

    /// <summary>What isolated pods may receive. Ignored unless <see cref="IsolatesIngress"/>.</summary>
    public EquatableArray<PolicyRule> Ingress { get; init; }

    /// <summary>What isolated pods may send. Ignored unless <see cref="IsolatesEgress"/>.</summary>
    public EquatableArray<PolicyRule> Egress { get; init; }

    /// <summary>Where the policy was read.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>Whether policyTypes contains the direction.</summary>
    public bool Isolates(Direction direction) => direction == Direction.Ingress ? IsolatesIngress : IsolatesEgress;

    /// <summary>The rules in force for a direction: none where policyTypes lacks it.</summary>
    public EquatableArray<PolicyRule> RulesFor(Direction direction) =>
        !Isolates(direction) ? default
        : direction == Direction.Ingress ? Ingress
        : Egress;
}

/// <summary>One allow rule of a policy: a peer AND a port must match.</summary>
/// <param name="Peers">
/// One of them must match; an empty list matches any peer: pods, nodes and external addresses.
/// </param>
/// <param name="Ports">One of them must match; an empty list matches every port of every protocol.</param>
/// <param name="Line">Line of the rule in its file, 0 where unknown.</param>
public sealed record PolicyRule(EquatableArray<PolicyPeer> Peers, EquatableArray<PolicyPort> Ports, int Line = 0);

/// <summary>
/// One item of <c>from</c> or <c>to</c>: a <see cref="SelectorPeer"/> or an <see cref="IpBlockPeer"/>.
/// </summary>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public abstract record PolicyPeer(int Line);

/// <summary>
/// Pods by labels. Without <paramref name="Namespaces"/>, pods of the policy's own namespace; without <paramref
/// name="Pods"/>, all pods of the namespaces.
/// </summary>
/// <param name="Namespaces">namespaceSelector, or null where absent.</param>
/// <param name="Pods">podSelector, or null where absent.</param>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public sealed record SelectorPeer(LabelSelector? Namespaces, LabelSelector? Pods, int Line = 0) : PolicyPeer(Line);

/// <summary>Addresses of a block, pod IPs included, except those of the blocks in <paramref name="Except"/>.</summary>
/// <param name="Cidr">The block.</param>
/// <param name="Except">Blocks inside it that this peer does not match. Other peers are not affected.</param>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public sealed record IpBlockPeer(Cidr Cidr, EquatableArray<Cidr> Except, int Line = 0) : PolicyPeer(Line)
{
    /// <summary>Whether the address is in the block and in none of the exceptions.</summary>
    public bool Contains(IpAddress address)
    {
        if (!Cidr.Contains(address))
        {
            return false;
        }

        foreach (var hole in Except)
        {
            if (hole.Contains(address))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>
/// One item of <c>ports</c>: every port of a protocol, one number, a range, or a name that each destination pod
/// resolves for itself.
/// </summary>
/// <param name="Protocol">The protocol; TCP by default.</param>
/// <param name="First">The first number, or null for a name or for every port.</param>
/// <param name="Last">The last number of the range; equal to <paramref name="First"/> without endPort.</param>
/// <param name="Name">A container port's name, or null.</param>
public sealed record PolicyPort(Protocol Protocol, int? First = null, int? Last = null, string? Name = null)
{
    /// <summary>Whether the item matches every port of the protocol.</summary>
    public bool IsWholeProtocol => First is null && Name is null;
}
