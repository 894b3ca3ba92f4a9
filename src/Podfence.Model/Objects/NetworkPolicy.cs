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

/// <summary>A NetworkPolicy (networking.k8s.io/v1) after defaulting: nothing in it still needs the API server's rules about absent fields.</summary>
public sealed record NetworkPolicy
{
    /// <summary>Namespace and name.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>Which pods of the namespace are fenced; absent means all.</summary>
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
        !Isolates(direction) ? default : direction == Direction.Ingress ? Ingress : Egress;
}

/// <summary>One rule of the white list: a peer AND a port must match.</summary>
/// <param name="Peers">Alternatives; empty means everyone: pods, nodes and addresses outside.</param>
/// <param name="Ports">Alternatives; empty means every port of every protocol.</param>
/// <param name="Line">Line of the rule in its file, 0 where unknown.</param>
public sealed record PolicyRule(EquatableArray<PolicyPeer> Peers, EquatableArray<PolicyPort> Ports, int Line = 0);

/// <summary>One alternative of <c>from</c> or <c>to</c>: a <see cref="SelectorPeer"/> or an <see cref="IpBlockPeer"/>.</summary>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public abstract record PolicyPeer(int Line);

/// <summary>Pods by labels. Without <paramref name="Namespaces"/> the pods of the policy's own namespace; without <paramref name="Pods"/> all pods of the namespaces.</summary>
/// <param name="Namespaces">namespaceSelector, or null where absent.</param>
/// <param name="Pods">podSelector, or null where absent.</param>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public sealed record SelectorPeer(LabelSelector? Namespaces, LabelSelector? Pods, int Line = 0) : PolicyPeer(Line);

/// <summary>Addresses of a block, pod addresses included, except those of the blocks cut out of it.</summary>
/// <param name="Cidr">The block.</param>
/// <param name="Except">Blocks inside it that this peer, and only this peer, does not mean.</param>
/// <param name="Line">Line of the peer in its file, 0 where unknown.</param>
public sealed record IpBlockPeer(Cidr Cidr, EquatableArray<Cidr> Except, int Line = 0) : PolicyPeer(Line)
{
    /// <summary>Whether the address is inside the block and outside every exception.</summary>
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

/// <summary>One alternative of <c>ports</c>: every port of a protocol, one number, a range, or a name that each destination pod resolves for itself.</summary>
/// <param name="Protocol">The protocol; TCP by default.</param>
/// <param name="First">The first number, or null where a name is given or every port is meant.</param>
/// <param name="Last">The last number of the range; equal to <paramref name="First"/> without endPort.</param>
/// <param name="Name">A container port's name, or null.</param>
public sealed record PolicyPort(Protocol Protocol, int? First = null, int? Last = null, string? Name = null)
{
    /// <summary>Whether every port of the protocol is meant.</summary>
    public bool IsWholeProtocol => First is null && Name is null;
}
