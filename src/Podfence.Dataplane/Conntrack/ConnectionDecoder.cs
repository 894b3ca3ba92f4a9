using System.Buffers.Binary;
using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>Decodes a conntrack entry of a dump.</summary>
internal static class ConnectionDecoder
{
    /// <summary>Null where a part is missing that every entry has.</summary>
    internal static TrackedConnection? Read(NetlinkAttributes attributes)
    {
        ConnectionTuple? original = null;
        ConnectionTuple? reply = null;
        var connection = default(TrackedConnection);
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Ctnetlink.Entry.Original:
                    original = ReadTuple(attribute.Nested);
                    break;
                case Ctnetlink.Entry.Reply:
                    reply = ReadTuple(attribute.Nested);
                    break;
                case Ctnetlink.Entry.Status:
                    connection = connection with { Status = (ConnectionStatus)attribute.AsUInt32() };
                    break;
                case Ctnetlink.Entry.Timeout:
                    connection = connection with { Timeout = attribute.AsUInt32() };
                    break;
                case Ctnetlink.Entry.Id:
                    connection = connection with { Id = attribute.AsUInt32() };
                    break;
                case Ctnetlink.Entry.Zone:
                    connection = connection with { Zone = AsUInt16(attribute) };
                    break;
                case Ctnetlink.Entry.ProtocolState:
                    connection = ReadState(connection, attribute.Nested);
                    break;
            }
        }

        return original is { } there && reply is { } back ? connection with { Original = there, Reply = back } : null;
    }

    private static ConnectionTuple? ReadTuple(NetlinkAttributes attributes)
    {
        IpAddress? source = null;
        IpAddress? destination = null;
        var tuple = default(ConnectionTuple);
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Ctnetlink.Tuple.Addresses:
                    ReadAddresses(attribute.Nested, ref source, ref destination);
                    break;
                case Ctnetlink.Tuple.Protocol:
                    tuple = ReadProtocol(tuple, attribute.Nested);
                    break;
                case Ctnetlink.Tuple.Zone:
                    tuple = tuple with { Zone = AsUInt16(attribute) };
                    break;
            }
        }

        return source is { } from && destination is { } to ? tuple with { Source = from, Destination = to } : null;
    }

    private static void ReadAddresses(NetlinkAttributes attributes, ref IpAddress? source, ref IpAddress? destination)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value.Length is not (4 or 16))
            {
                continue;
            }

            var address = IpAddress.FromBytes(attribute.Value);
            switch (attribute.Type)
            {
                case Ctnetlink.Address.Source or Ctnetlink.Address.Source + Ctnetlink.Address.ToIPv6:
                    source = address;
                    break;
                case Ctnetlink.Address.Destination or Ctnetlink.Address.Destination + Ctnetlink.Address.ToIPv6:
                    destination = address;
                    break;
            }
        }
    }

    private static ConnectionTuple ReadProtocol(ConnectionTuple tuple, NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            tuple = attribute.Type switch
            {
                Ctnetlink.Protocol.Number => tuple with { Protocol = AsByte(attribute) },
                Ctnetlink.Protocol.SourcePort => tuple with { SourcePort = AsUInt16(attribute) },
                Ctnetlink.Protocol.DestinationPort => tuple with { DestinationPort = AsUInt16(attribute) },
                Ctnetlink.Protocol.EchoId or Ctnetlink.Protocol.EchoId + Ctnetlink.Protocol.EchoToIPv6 => tuple with
                {
                    Echo = tuple.Echo with { Id = AsUInt16(attribute) },
                },
                Ctnetlink.Protocol.EchoType or Ctnetlink.Protocol.EchoType + Ctnetlink.Protocol.EchoToIPv6 => tuple with
                {
                    Echo = tuple.Echo with { Type = AsByte(attribute) },
                },
                Ctnetlink.Protocol.EchoCode or Ctnetlink.Protocol.EchoCode + Ctnetlink.Protocol.EchoToIPv6 => tuple with
                {
                    Echo = tuple.Echo with { Code = AsByte(attribute) },
                },
                _ => tuple,
            };
        }

        return tuple;
    }

    private static TrackedConnection ReadState(TrackedConnection connection, NetlinkAttributes attributes)
    {
        foreach (var protocol in attributes)
        {
            if (protocol.Type != Ctnetlink.TcpState.Nest)
            {
                continue;
            }

            foreach (var attribute in protocol.Nested)
            {
                if (attribute.Type == Ctnetlink.TcpState.State)
                {
                    connection = connection with { TcpState = AsByte(attribute) };
                }
            }
        }

        return connection;
    }

    private static byte AsByte(NetlinkAttribute attribute) => attribute.Value.IsEmpty ? (byte)0 : attribute.Value[0];

    private static ushort AsUInt16(NetlinkAttribute attribute) =>
        attribute.Value.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(attribute.Value) : (ushort)0;
}
