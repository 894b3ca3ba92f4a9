using System.Buffers.Binary;
using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>Encodes requests for conntrack entries.</summary>
internal static class ConnectionEncoder
{
    /// <summary>Requests all entries of both families.</summary>
    internal static void PutDump(NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(
            Ctnetlink.Get,
            NetlinkMessage.FlagRequest | NetlinkMessage.FlagDump,
            sequence,
            Ctnetlink.FamilyUnspecified
        );
        writer.EndMessage();
    }

    /// <summary>
    /// Deletes one entry. Its tuple is always given: without one the kernel would delete all entries. It is found in
    /// either direction.
    /// </summary>
    internal static void PutDelete(NetlinkWriter writer, uint sequence, in TrackedConnection connection)
    {
        writer.BeginMessage(
            Ctnetlink.Delete,
            NetlinkMessage.FlagRequest,
            sequence,
            FamilyOf(connection.Original.Source.Family)
        );
        PutTuple(writer, Ctnetlink.Entry.Original, connection.Original);
        PutZone(writer, connection);

        if (connection.Id is { } id)
        {
            // A later entry with the same addresses and ports is another connection.
            writer.PutUInt32(Ctnetlink.Entry.Id, id);
        }

        writer.EndMessage();
    }

    /// <summary>Creates an entry.</summary>
    internal static void PutNew(NetlinkWriter writer, uint sequence, in TrackedConnection connection)
    {
        const ushort Flags = NetlinkMessage.FlagRequest | NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive;
        writer.BeginMessage(Ctnetlink.New, Flags, sequence, FamilyOf(connection.Original.Source.Family));
        PutTuple(writer, Ctnetlink.Entry.Original, connection.Original);
        PutTuple(writer, Ctnetlink.Entry.Reply, connection.Reply);
        PutZone(writer, connection);
        writer.PutUInt32(Ctnetlink.Entry.Timeout, connection.Timeout);
        if (connection.Status != ConnectionStatus.None)
        {
            writer.PutUInt32(Ctnetlink.Entry.Status, (uint)connection.Status);
        }

        if (connection.TcpState is { } state)
        {
            PutState(writer, state);
        }

        writer.EndMessage();
    }

    private static byte FamilyOf(IpFamily family) =>
        family == IpFamily.IPv4 ? Ctnetlink.FamilyIPv4 : Ctnetlink.FamilyIPv6;

    private static void PutTuple(NetlinkWriter writer, int type, in ConnectionTuple tuple)
    {
        var nest = writer.BeginNest(type);
        var addresses = writer.BeginNest(Ctnetlink.Tuple.Addresses);
        PutAddress(writer, Ctnetlink.Address.Source, tuple.Source);
        PutAddress(writer, Ctnetlink.Address.Destination, tuple.Destination);
        writer.EndNest(addresses);

        var protocol = writer.BeginNest(Ctnetlink.Tuple.Protocol);
        writer.PutSpan(Ctnetlink.Protocol.Number, 1)[0] = tuple.Protocol;
        if (tuple.Protocol is Ctnetlink.Icmp or Ctnetlink.IcmpV6)
        {
            var shift = tuple.Protocol == Ctnetlink.Icmp ? 0 : Ctnetlink.Protocol.EchoToIPv6;
            PutUInt16(writer, Ctnetlink.Protocol.EchoId + shift, tuple.Echo.Id);
            writer.PutSpan(Ctnetlink.Protocol.EchoType + shift, 1)[0] = tuple.Echo.Type;
            writer.PutSpan(Ctnetlink.Protocol.EchoCode + shift, 1)[0] = tuple.Echo.Code;
        }
        else
        {
            PutUInt16(writer, Ctnetlink.Protocol.SourcePort, tuple.SourcePort);
            PutUInt16(writer, Ctnetlink.Protocol.DestinationPort, tuple.DestinationPort);
        }

        writer.EndNest(protocol);
        if (tuple.Zone != 0)
        {
            PutUInt16(writer, Ctnetlink.Tuple.Zone, tuple.Zone);
        }

        writer.EndNest(nest);
    }

    private static void PutState(NetlinkWriter writer, byte state)
    {
        var nest = writer.BeginNest(Ctnetlink.Entry.ProtocolState);
        var tcp = writer.BeginNest(Ctnetlink.TcpState.Nest);
        writer.PutSpan(Ctnetlink.TcpState.State, 1)[0] = state;
        writer.EndNest(tcp);
        writer.EndNest(nest);
    }

    private static void PutZone(NetlinkWriter writer, in TrackedConnection connection)
    {
        if (connection.Zone != 0)
        {
            PutUInt16(writer, Ctnetlink.Entry.Zone, connection.Zone);
        }
    }

    private static void PutAddress(NetlinkWriter writer, int type, IpAddress address) =>
        address.WriteTo(
            writer.PutSpan(address.Family == IpFamily.IPv4 ? type : type + Ctnetlink.Address.ToIPv6, address.Length)
        );

    private static void PutUInt16(NetlinkWriter writer, int type, ushort value) =>
        BinaryPrimitives.WriteUInt16BigEndian(writer.PutSpan(type, 2), value);
}
