using Podfence.Base;
using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>
/// What isolated pods may receive or send in one family: a white list that ends in refusal. Shared by all pods of the node that the same policies isolate
/// in this direction. A packet is allowed when one of <see cref="Rules"/> matches, or one of the rules of the branch that its protocol and port lead to.
/// </summary>
public sealed record Fence
{
    /// <summary>Unique and stable; begins with <c>ingress/</c> or <c>egress/</c>, and names the first policy for people. At most 120 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Which side of the pod the fence stands on: ingress looks at the source, egress at the destination.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The family of the packets that come here.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>The policies that isolate, sorted. Never empty.</summary>
    public required EquatableArray<PolicyKey> Policies { get; init; }

    /// <summary>Alternatives that are tried one by one: few, whatever the number of policies.</summary>
    public EquatableArray<AllowRule> Rules { get; init; }

    /// <summary>Alternatives found by one lookup of protocol and port: disjoint spans in ascending order. Empty for a small fence.</summary>
    public EquatableArray<PortBranch> Branches { get; init; }
}

/// <summary>One alternative of a white list: both the peer and the port must match.</summary>
/// <param name="Peer">The set that the other end's address (for endpoints: with protocol and destination port) must be in; null for anyone.</param>
/// <param name="Ports">The span the destination port must be in; null for every port of every protocol.</param>
/// <param name="Policies">The policies that the alternative comes from, sorted; never empty.</param>
public sealed record AllowRule(SetId? Peer, PortSpan? Ports, EquatableArray<PolicyKey> Policies);

/// <summary>The alternatives for one span of ports.</summary>
/// <param name="Ports">The span.</param>
/// <param name="Rules">Alternatives without ports of their own, few.</param>
public sealed record PortBranch(PortSpan Ports, EquatableArray<AllowRule> Rules);

/// <summary>Consecutive ports of one protocol.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="First">First port, from 0: "every TCP port" is 0 to 65535.</param>
/// <param name="Last">Last port, inclusive.</param>
public readonly record struct PortSpan(Protocol Protocol, ushort First, ushort Last) : IComparable<PortSpan>
{
    /// <summary>Every port of a protocol.</summary>
    public static PortSpan Whole(Protocol protocol) => new(protocol, 0, ushort.MaxValue);

    /// <summary>Whether every port of the protocol is meant.</summary>
    public bool IsWhole => First == 0 && Last == ushort.MaxValue;

    /// <summary>Whether a port is inside.</summary>
    public bool Contains(Protocol protocol, int port) => protocol == Protocol && port >= First && port <= Last;

    /// <inheritdoc/>
    public int CompareTo(PortSpan other)
    {
        var order = Protocol.CompareTo(other.Protocol);
        order = order != 0 ? order : First.CompareTo(other.First);
        return order != 0 ? order : Last.CompareTo(other.Last);
    }

    /// <summary>As in <c>tcp-80</c>, <c>udp-5000-6000</c>, <c>sctp</c>.</summary>
    public override string ToString()
    {
        var protocol = Protocol switch { Protocol.Tcp => "tcp", Protocol.Udp => "udp", _ => "sctp" };
        return IsWhole ? protocol : First == Last ? $"{protocol}-{First}" : $"{protocol}-{First}-{Last}";
    }
}
