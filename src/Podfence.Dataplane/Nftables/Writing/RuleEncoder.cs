using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Encodes the statements of one rule as nf_tables expressions, like nft does, so that nft prints them as intended: the
/// family is matched once, before the first expression that needs it.
/// </summary>
internal ref struct RuleEncoder(NetlinkWriter writer, Func<string, uint?> newSetId)
{
    private readonly ExpressionWriter _to = new(writer, newSetId);
    private IpFamily? _family;

    /// <summary>Writes all statements.</summary>
    internal void Put(ReadOnlySpan<NftStatement> statements)
    {
        foreach (var statement in statements)
        {
            Put(statement);
        }
    }

    private void Put(NftStatement statement)
    {
        switch (statement)
        {
            case EstablishedMatch:
                _to.CtState();
                // The conntrack state is in host byte order.
                _to.MaskRegister1(BitConverter.GetBytes(NfTables.CtEstablishedOrRelated));
                _to.Compare(NfCompare.NotEqual, [0, 0, 0, 0]);
                break;
            case TcpBeginMatch:
                RequireProtocol((byte)Protocol.Tcp);
                _to.Payload(NfTables.PayloadTransportHeader, NfTables.TcpFlagsOffset, 1, 0);
                _to.MaskRegister1([NfTables.TcpSyn | NfTables.TcpAck]);
                _to.Compare(NfCompare.Equal, [NfTables.TcpSyn]);
                break;
            case LoopbackMatch:
                _to.Meta(NfTables.MetaIif, 0);
                _to.Compare(NfCompare.Equal, BitConverter.GetBytes(NfTables.LoopbackIndex));
                break;
            case AddressMatch match:
                RequireFamily(match.Family);
                LoadAddress(match.End, match.Family, 0);
                _to.Lookup(match.Set, verdicts: false);
                break;
            case AddressVerdictMap map:
                RequireFamily(map.Family);
                LoadAddress(map.End, map.Family, 0);
                _to.Lookup(map.Map, verdicts: true);
                break;
            case AddressPairMatch match:
                RequireFamily(match.Family);
                LoadAddress(PacketEnd.Source, match.Family, 0);
                LoadAddress(PacketEnd.Destination, match.Family, AddressRegisters(match.Family));
                _to.Lookup(match.Set, verdicts: false);
                break;
            case EndpointMatch match:
                RequireFamily(match.Family);
                LoadAddress(PacketEnd.Destination, match.Family, 0);
                LoadProtocolAndPort(AddressRegisters(match.Family));
                _to.Lookup(match.Set, verdicts: false);
                break;
            case PortVerdictMap map:
                LoadPortAndProtocol();
                _to.Lookup(map.Map, verdicts: true);
                break;
            case PortMatch match:
                PutPortMatch(match.Ports);
                break;
            case L4ProtocolMatch match:
                RequireProtocol(match.Protocol);
                break;
            case IcmpMatch match:
                RequireFamily(match.Family);
                RequireProtocol(match.Family == IpFamily.IPv4 ? NfTables.ProtocolIcmp : NfTables.ProtocolIcmpV6);
                _to.Payload(NfTables.PayloadTransportHeader, 0, match.Code is null ? 1u : 2u, 0);
                _to.Compare(NfCompare.Equal, match.Code is { } code ? [match.Type, code] : [match.Type]);
                break;
            case VerdictStatement verdict:
                _to.Verdict(verdict.Verdict);
                break;
            case RejectStatement reject:
                _to.Reject(reject.TcpReset);
                break;
            default:
                throw new ArgumentException(
                    $"{statement.GetType().Name} is not a supported statement",
                    nameof(statement)
                );
        }
    }

    /// <summary>How many 4-byte registers an address fills.</summary>
    private static uint AddressRegisters(IpFamily family) => (uint)family.Bits() / 32;

    private readonly void PutPortMatch(Rulesets.PortRange ports)
    {
        RequireProtocol((byte)ports.Protocol);
        if (ports.IsWholeProtocol)
        {
            return;
        }

        _to.Payload(NfTables.PayloadTransportHeader, 2, 2, 0);
        if (ports.First == ports.Last)
        {
            _to.Compare(NfCompare.Equal, Bytes(ports.First));
        }
        else
        {
            _to.Compare(NfCompare.AtLeast, Bytes(ports.First));
            _to.Compare(NfCompare.AtMost, Bytes(ports.Last));
        }
    }

    private static ReadOnlySpan<byte> Bytes(ushort port) => new byte[] { (byte)(port >> 8), (byte)port };

    private void RequireFamily(IpFamily family)
    {
        if (_family != family)
        {
            _to.Meta(NfTables.MetaNfProto, 0);
            _to.Compare(NfCompare.Equal, [NfProto(family)]);
            _family = family;
        }
    }

    private readonly void RequireProtocol(byte protocol)
    {
        _to.Meta(NfTables.MetaL4Proto, 0);
        _to.Compare(NfCompare.Equal, [protocol]);
    }

    private readonly void LoadAddress(PacketEnd end, IpFamily family, uint register)
    {
        var length = (uint)family.Bits() / 8;
        _to.Payload(NfTables.PayloadNetworkHeader, AddressOffset(end, family), length, register);
    }

    private readonly void LoadPortAndProtocol()
    {
        _to.Payload(NfTables.PayloadTransportHeader, 2, 2, 0);
        _to.Meta(NfTables.MetaL4Proto, 1);
    }

    private readonly void LoadProtocolAndPort(uint register)
    {
        _to.Meta(NfTables.MetaL4Proto, register);
        _to.Payload(NfTables.PayloadTransportHeader, 2, 2, register + 1);
    }

    /// <summary>Offset of an address in the network header.</summary>
    internal static uint AddressOffset(PacketEnd end, IpFamily family) =>
        (family, end) switch
        {
            (IpFamily.IPv4, PacketEnd.Source) => 12,
            (IpFamily.IPv4, _) => 16,
            (_, PacketEnd.Source) => 8,
            _ => 24,
        };

    /// <summary>AF_INET and AF_INET6, as <c>meta nfproto</c> gives them.</summary>
    internal static byte NfProto(IpFamily family) => family == IpFamily.IPv4 ? (byte)2 : (byte)10;
}
