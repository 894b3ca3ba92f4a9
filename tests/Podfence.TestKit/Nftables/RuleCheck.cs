using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// What the kernel checks of a single rule: that what it looks up exists and has the right key, and that nothing comes
/// after its end.
/// </summary>
internal static class RuleCheck
{
    /// <summary>The set or map that a statement looks things up in.</summary>
    public static string? SetOf(NftStatement statement) =>
        statement switch
        {
            AddressMatch match => match.Set,
            AddressPairMatch match => match.Set,
            EndpointMatch match => match.Set,
            AddressVerdictMap map => map.Map,
            PortVerdictMap map => map.Map,
            _ => null,
        };

    public static void Check(NftRule rule, FakeTable table)
    {
        var tcp = false;
        for (var i = 0; i < rule.Statements.Count; i++)
        {
            var statement = rule.Statements[i];
            CheckStatement(statement, table);
            tcp |=
                statement
                    is L4ProtocolMatch { Protocol: (byte)Protocol.Tcp }
                        or PortMatch { Ports.Protocol: Protocol.Tcp };
            FakeFailures.Require(
                statement is not RejectStatement { TcpReset: true } || tcp,
                "a reset needs a TCP match before it"
            );
            FakeFailures.Require(
                statement is not (VerdictStatement or RejectStatement) || i == rule.Statements.Count - 1,
                "a statement after the verdict"
            );
        }
    }

    private static void CheckStatement(NftStatement statement, FakeTable table)
    {
        switch (statement)
        {
            case AddressMatch match:
                CheckLookup(table, match.Set, match.Family, false, NftKey.Address, NftKey.AddressRange);
                break;
            case AddressPairMatch match:
                CheckLookup(table, match.Set, match.Family, false, NftKey.AddressPair);
                break;
            case EndpointMatch match:
                CheckLookup(table, match.Set, match.Family, false, NftKey.Endpoint);
                break;
            case AddressVerdictMap map:
                CheckLookup(table, map.Map, map.Family, true, NftKey.Address, NftKey.AddressRange);
                break;
            case PortVerdictMap map:
                CheckLookup(table, map.Map, null, true, NftKey.Port, NftKey.PortRange);
                break;
            case PortMatch { Ports: var ports }:
                FakeFailures.Require(
                    Enum.IsDefined(ports.Protocol) && ports.First <= ports.Last,
                    $"{ports} is not a range of ports"
                );
                break;
            default:
                break;
        }
    }

    private static void CheckLookup(
        FakeTable table,
        string name,
        IpFamily? family,
        bool verdicts,
        params ReadOnlySpan<NftKey> keys
    )
    {
        var set = table.Set(name).Definition;
        FakeFailures.Require(
            set.Family == family && set.HasVerdicts == verdicts && keys.Contains(set.Key),
            $"set {name} does not fit the lookup"
        );
    }
}
