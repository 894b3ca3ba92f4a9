using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>One direction of a tracked connection.</summary>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination address.</param>
/// <param name="Protocol">The protocol's IANA number.</param>
/// <param name="SourcePort">The sender's port; 0 where the protocol has none.</param>
/// <param name="DestinationPort">The receiver's port; 0 where the protocol has none.</param>
public readonly record struct ConnectionTuple(
    IpAddress Source,
    IpAddress Destination,
    byte Protocol,
    ushort SourcePort = 0,
    ushort DestinationPort = 0
)
{
    /// <summary>Distinguishes one ICMP echo from another.</summary>
    internal Echo Echo { get; init; }

    /// <summary>The zone of this direction alone; 0 where it has none of its own.</summary>
    internal ushort Zone { get; init; }

    /// <summary>The reply direction of a connection without NAT.</summary>
    internal ConnectionTuple Reversed => new(Destination, Source, Protocol, DestinationPort, SourcePort);

    /// <summary>As in <c>6 10.0.0.1:4000 > 10.0.0.2:80</c>.</summary>
    public override string ToString() => $"{Protocol} {Source}:{SourcePort} > {Destination}:{DestinationPort}";
}

/// <summary>The numbers of an ICMP echo.</summary>
internal readonly record struct Echo(ushort Id, byte Type, byte Code);
