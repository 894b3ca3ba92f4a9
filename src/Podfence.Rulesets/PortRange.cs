using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>Consecutive ports of one protocol.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="First">First port, from 0: "every TCP port" is 0 to 65535.</param>
/// <param name="Last">Last port, inclusive.</param>
public readonly record struct PortRange(Protocol Protocol, ushort First, ushort Last) : IComparable<PortRange>
{
    /// <summary>The range of every port of a protocol.</summary>
    public static PortRange WholeProtocol(Protocol protocol) => new(protocol, 0, ushort.MaxValue);

    /// <summary>Whether the range has every port of the protocol.</summary>
    public bool IsWholeProtocol => First == 0 && Last == ushort.MaxValue;

    /// <summary>Whether the range has a port.</summary>
    public bool Contains(Protocol protocol, int port) => protocol == Protocol && port >= First && port <= Last;

    /// <inheritdoc/>
    public int CompareTo(PortRange other)
    {
        var order = Protocol.CompareTo(other.Protocol);
        order = order != 0 ? order : First.CompareTo(other.First);
        return order != 0 ? order : Last.CompareTo(other.Last);
    }

    /// <summary>As in <c>tcp-80</c>, <c>udp-5000-6000</c>, <c>sctp</c>.</summary>
    public override string ToString()
    {
        var protocol = Protocol switch
        {
            Protocol.Tcp => "tcp",
            Protocol.Udp => "udp",
            _ => "sctp",
        };
        return IsWholeProtocol ? protocol
            : First == Last ? $"{protocol}-{First}"
            : $"{protocol}-{First}-{Last}";
    }
}
