using System.Globalization;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>A new connection. Replies on an allowed connection are never evaluated (semantics.md S1.8).</summary>
public readonly record struct Flow
{
    /// <summary>Creates a flow of a protocol that has ports.</summary>
    /// <param name="source">The client.</param>
    /// <param name="destination">The server, at its address after any service translation.</param>
    /// <param name="protocol">TCP, UDP or SCTP.</param>
    /// <param name="port">The destination port after any service translation, 1 to 65535.</param>
    /// <exception cref="ArgumentException">The endpoints are of different families.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of range.</exception>
    public Flow(FlowEndpoint source, FlowEndpoint destination, Protocol protocol, int port)
        : this(source, destination, (Protocol?)protocol, port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
    }

    private Flow(FlowEndpoint source, FlowEndpoint destination, Protocol? protocol, int port)
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

    /// <summary>The client.</summary>
    public FlowEndpoint Source { get; }

    /// <summary>The server.</summary>
    public FlowEndpoint Destination { get; }

    /// <summary>The protocol, or null for one without ports, such as an ICMP echo.</summary>
    public Protocol? Protocol { get; }

    /// <summary>The destination port; 0 where the protocol has none.</summary>
    public int Port { get; }

    /// <summary>The family of both endpoints.</summary>
    public IpFamily Family => Source.Address.Family;

    /// <summary>
    /// A flow of a protocol that policies cannot name, such as an ICMP echo. The API leaves these undefined
    /// (S5.10); here only a rule without <c>ports</c> allows them.
    /// </summary>
    /// <exception cref="ArgumentException">The endpoints are of different families.</exception>
    public static Flow OfOtherProtocol(FlowEndpoint source, FlowEndpoint destination) =>
        new(source, destination, null, 0);

    /// <summary>Source, destination and port in one line.</summary>
    public override string ToString() =>
        $"{Source} -> {Destination} {PortText(Protocol, Port.ToString(CultureInfo.InvariantCulture))}";

    /// <summary>port/PROTOCOL as kubectl writes it.</summary>
    internal static string PortText(Protocol? protocol, string port) =>
        protocol switch
        {
            Model.Protocol.Tcp => $"{port}/TCP",
            Model.Protocol.Udp => $"{port}/UDP",
            Model.Protocol.Sctp => $"{port}/SCTP",
            _ => "other protocol",
        };
}
