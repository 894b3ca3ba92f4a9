using System.Globalization;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>A new connection: what is tested. Replies to an allowed one are never tested (semantics.md S1.8).</summary>
public readonly record struct Flow
{
    /// <summary>Makes a flow of a protocol that has ports.</summary>
    /// <param name="source">Who starts it.</param>
    /// <param name="destination">Who is called, at the address and port after any service translation.</param>
    /// <param name="protocol">TCP, UDP or SCTP.</param>
    /// <param name="port">The destination port, 1 to 65535.</param>
    /// <exception cref="ArgumentException">The ends are of different families.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port.</exception>
    public Flow(FlowEnd source, FlowEnd destination, Protocol protocol, int port)
        : this(source, destination, (Protocol?)protocol, port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
    }

    private Flow(FlowEnd source, FlowEnd destination, Protocol? protocol, int port)
    {
        if (source.Address.Family != destination.Address.Family)
        {
            throw new ArgumentException($"a flow has one family: {source} to {destination}", nameof(destination));
        }

        Source = source;
        Destination = destination;
        Protocol = protocol;
        Port = port;
    }

    /// <summary>Who starts it.</summary>
    public FlowEnd Source { get; }

    /// <summary>Who is called.</summary>
    public FlowEnd Destination { get; }

    /// <summary>The protocol, or null for one without ports, such as an ICMP echo.</summary>
    public Protocol? Protocol { get; }

    /// <summary>The destination port; 0 where the protocol has none.</summary>
    public int Port { get; }

    /// <summary>The family of both ends.</summary>
    public IpFamily Family => Source.Address.Family;

    /// <summary>
    /// A flow of a protocol that policies cannot name, such as an ICMP echo. The API leaves these undefined (S5.10);
    /// here only a rule without <c>ports</c> admits them.
    /// </summary>
    /// <exception cref="ArgumentException">The ends are of different families.</exception>
    public static Flow OfOtherProtocol(FlowEnd source, FlowEnd destination) => new(source, destination, null, 0);

    /// <summary>Source, destination and port in one line.</summary>
    public override string ToString() => $"{Source} -> {Destination} {PortText(Protocol, Port.ToString(CultureInfo.InvariantCulture))}";

    /// <summary>port/PROTOCOL as kubectl writes it.</summary>
    internal static string PortText(Protocol? protocol, string port) => protocol switch
    {
        Model.Protocol.Tcp => $"{port}/TCP",
        Model.Protocol.Udp => $"{port}/UDP",
        Model.Protocol.Sctp => $"{port}/SCTP",
        _ => "other protocol",
    };
}
