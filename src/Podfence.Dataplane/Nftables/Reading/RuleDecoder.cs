using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Decodes the expressions of a rule into statements: the inverse of <see cref="RuleEncoder"/>. An expression that does
/// not fit becomes a <see cref="ForeignStatement"/>, so that a changed rule is never taken for one of Podfence's.
/// </summary>
internal ref struct RuleDecoder
{
    private readonly ReadOnlySpan<Expression> _all;
    private readonly List<NftStatement> _statements = [];
    private int _next;
    private IpFamily? _family;
    private bool _familyUsed;

    private RuleDecoder(ReadOnlySpan<Expression> all) => _all = all;

    /// <summary>Decodes a rule of Podfence's table; null for a rule of another table.</summary>
    internal static (string Chain, NftRule Rule)? Read(NetlinkAttributes attributes)
    {
        string? table = null;
        string? chain = null;
        string? comment = null;
        var expressions = new List<Expression>();
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NfTables.RuleAttribute.Table:
                    table = attribute.AsString();
                    break;
                case NfTables.RuleAttribute.Chain:
                    chain = attribute.AsString();
                    break;
                case NfTables.RuleAttribute.UserData:
                    comment = UserData.FindComment(attribute.Value, UserData.Comment);
                    break;
                case NfTables.RuleAttribute.Expressions:
                    foreach (var expression in attribute.Nested)
                    {
                        if (Expression.Read(expression.Nested) is var read and not NoOperation)
                        {
                            expressions.Add(read);
                        }
                    }

                    break;
            }
        }

        return table == NfTables.TableName && chain is not null
            ? (
                chain,
                new NftRule(
                    Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(expressions)).ToEquatableArray(),
                    comment
                )
            )
            : null;
    }

    private static List<NftStatement> Decode(ReadOnlySpan<Expression> expressions)
    {
        var decoder = new RuleDecoder(expressions);
        while (decoder._next < expressions.Length)
        {
            decoder.Step();
        }

        decoder.EndFamily();
        return decoder._statements;
    }

    private void Step()
    {
        var start = _next;
        var statement = Take() switch
        {
            ImmediateVerdict immediate => new VerdictStatement(immediate.Verdict),
            Rejection rejection => new RejectStatement(rejection.TcpReset),
            CtLoad { Key: NfTables.CtState, Register: 0 } => TakeEstablished(),
            PayloadLoad { Header: NfTables.PayloadNetworkHeader, Register: 0 } load => TakeAddress(load),
            PayloadLoad { Header: NfTables.PayloadTransportHeader, Offset: 2, Length: 2, Register: 0 } => TakePortMap(),
            MetaLoad { Key: NfTables.MetaNfProto, Register: 0 } => TakeFamily(),
            MetaLoad { Key: NfTables.MetaL4Proto, Register: 0 } => TakeProtocol(),
            MetaLoad { Key: NfTables.MetaIif, Register: 0 } => TakeLoopback(),
            _ => null,
        };
        if (statement is not null)
        {
            if (statement is not FamilyTest)
            {
                _statements.Add(statement);
            }

            return;
        }

        _next = start + 1;
        _statements.Add(new ForeignStatement(_all[start].ToString()));
    }

    private readonly Expression? Peek(int ahead = 0) => _next + ahead < _all.Length ? _all[_next + ahead] : null;

    private Expression? Take() => _next < _all.Length ? _all[_next++] : null;

    private EstablishedMatch? TakeEstablished() =>
        Take() is BitMask { Length: 4, Mask: NfTables.CtEstablishedOrRelated }
        && Take() is Comparison { How: NfCompare.NotEqual, Length: 4, Value: 0 }
            ? new EstablishedMatch()
            : null;

    private FamilyTest? TakeFamily()
    {
        if (Take() is not Comparison { How: NfCompare.Equal, Length: 1, Value: var value })
        {
            return null;
        }

        foreach (var family in IpFamilies.All)
        {
            if (value == RuleEncoder.NfProto(family))
            {
                EndFamily();
                _family = family;
                _familyUsed = false;
                return new FamilyTest();
            }
        }

        return null;
    }

    /// <summary>A match of the family that no statement after it needs is foreign.</summary>
    private void EndFamily()
    {
        if (_family is { } family && !_familyUsed)
        {
            _statements.Add(new ForeignStatement($"meta nfproto {family}"));
        }
    }

    private NftStatement? TakeAddress(PayloadLoad load)
    {
        if (_family is not { } family || End(load, family) is not { } end)
        {
            return null;
        }

        _familyUsed = true;
        var registers = (uint)family.Bits() / 32;
        switch (Take())
        {
            case SetLookup { Verdicts: false } lookup:
                return new AddressMatch(end, family, lookup.Set);
            case SetLookup lookup:
                return new AddressVerdictMap(end, family, lookup.Set);
            case PayloadLoad second
                when end == PacketEnd.Source
                    && second.Register == registers
                    && End(second, family) == PacketEnd.Destination:
                return Take() is SetLookup { Verdicts: false } pair ? new AddressPairMatch(family, pair.Set) : null;
            case MetaLoad { Key: NfTables.MetaL4Proto } protocol
                when end == PacketEnd.Destination
                    && protocol.Register == registers
                    && TakeDestinationPort(registers + 1):
                return Take() is SetLookup { Verdicts: false } endpoint
                    ? new EndpointMatch(family, endpoint.Set)
                    : null;
            default:
                return null;
        }
    }

    private LoopbackMatch? TakeLoopback() =>
        Take() is Comparison { How: NfCompare.Equal, Length: 4, Value: var value }
        && value
            == System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(BitConverter.GetBytes(NfTables.LoopbackIndex))
            ? new LoopbackMatch()
            : null;

    private static PacketEnd? End(PayloadLoad load, IpFamily family)
    {
        if (load.Header != NfTables.PayloadNetworkHeader || load.Length != family.Bits() / 8)
        {
            return null;
        }

        return load.Offset == RuleEncoder.AddressOffset(PacketEnd.Source, family) ? PacketEnd.Source
            : load.Offset == RuleEncoder.AddressOffset(PacketEnd.Destination, family) ? PacketEnd.Destination
            : null;
    }

    private bool TakeDestinationPort(uint register) =>
        Take() is PayloadLoad { Header: NfTables.PayloadTransportHeader, Offset: 2, Length: 2 } load
        && load.Register == register;

    private PortVerdictMap? TakePortMap() =>
        Take() is MetaLoad { Key: NfTables.MetaL4Proto, Register: 1 } && Take() is SetLookup { Verdicts: true } map
            ? new PortVerdictMap(map.Set)
            : null;

    private NftStatement? TakeProtocol()
    {
        if (Take() is not Comparison { How: NfCompare.Equal, Length: 1, Value: var protocol })
        {
            return null;
        }

        if (Peek() is PayloadLoad { Header: NfTables.PayloadTransportHeader, Register: 0 } load)
        {
            if (
                load is { Offset: 2, Length: 2 }
                && protocol is (byte)Protocol.Tcp or (byte)Protocol.Udp or (byte)Protocol.Sctp
            )
            {
                _next++;
                return TakePorts((Protocol)protocol);
            }

            if (load is { Offset: NfTables.TcpFlagsOffset, Length: 1 } && protocol == (byte)Protocol.Tcp)
            {
                _next++;
                return TakeBegin();
            }

            if (
                load.Offset == 0
                && _family is { } family
                && protocol == (family == IpFamily.IPv4 ? NfTables.ProtocolIcmp : NfTables.ProtocolIcmpV6)
            )
            {
                _next++;
                return TakeIcmp(family, load.Length);
            }
        }

        return new L4ProtocolMatch((byte)protocol);
    }

    private TcpBeginMatch? TakeBegin() =>
        Take() is BitMask { Length: 1, Mask: NfTables.TcpSyn | NfTables.TcpAck }
        && Take() is Comparison { How: NfCompare.Equal, Length: 1, Value: NfTables.TcpSyn }
            ? new TcpBeginMatch()
            : null;

    private PortMatch? TakePorts(Protocol protocol)
    {
        switch (Take())
        {
            case Comparison { How: NfCompare.Equal, Length: 2, Value: var port }:
                return new PortMatch(new PortRange(protocol, (ushort)port, (ushort)port));
            case Comparison { How: NfCompare.AtLeast, Length: 2, Value: var first }
                when Take() is Comparison { How: NfCompare.AtMost, Length: 2, Value: var last }:
                return new PortMatch(new PortRange(protocol, (ushort)first, (ushort)last));
            default:
                return null;
        }
    }

    private IcmpMatch? TakeIcmp(IpFamily family, uint length)
    {
        if (Take() is not Comparison { How: NfCompare.Equal } comparison || comparison.Length != length)
        {
            return null;
        }

        _familyUsed = true;
        return length switch
        {
            1 => new IcmpMatch(family, (byte)comparison.Value, null),
            2 => new IcmpMatch(family, (byte)(comparison.Value >> 8), (byte)comparison.Value),
            _ => null,
        };
    }

    /// <summary>Part of the statements after it.</summary>
    private sealed record FamilyTest : NftStatement;
}
