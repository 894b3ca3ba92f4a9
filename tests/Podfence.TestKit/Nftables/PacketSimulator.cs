using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// Sends the first packets of new connections through a table as the kernel does: base chains of the hook in order of
/// priority, policy accept, jump, goto and return. Sets are indexed at their first use. Answers for the table as it was
/// given; use by one thread.
/// </summary>
public sealed class PacketSimulator(NftTable table)
{
    private readonly Dictionary<string, SetIndex> _indexes = [];
    private readonly NftChain[] _baseChains =
    [
        .. table.Chains.Values.Where(chain => chain.Hook is not null).OrderBy(chain => chain.Hook!.Priority),
    ];

    /// <summary>Sends a packet through a hook and returns the rules that it matched.</summary>
    /// <exception cref="InvalidOperationException">The packet reaches a foreign rule.</exception>
    public PacketResult Trace(HookPoint hook, in Packet packet)
    {
        var path = new List<PathStep>();
        return new PacketResult(Send(hook, packet, path), path);
    }

    /// <summary>Sends a packet through a hook.</summary>
    /// <exception cref="InvalidOperationException">The packet reaches a foreign rule.</exception>
    public PacketVerdict Send(HookPoint hook, in Packet packet) => Send(hook, packet, null);

    private PacketVerdict Send(HookPoint hook, in Packet packet, List<PathStep>? path)
    {
        foreach (var chain in _baseChains)
        {
            if (chain.Hook!.Point == hook && Walk(chain, packet, path) is var outcome and not PacketVerdict.Accepted)
            {
                return outcome;
            }
        }

        return PacketVerdict.Accepted;
    }

    private PacketVerdict Walk(NftChain chain, in Packet packet, List<PathStep>? path)
    {
        var returns = new Stack<(NftChain Chain, int Next)>();
        var next = 0;
        while (true)
        {
            if (next == chain.Rules.Count)
            {
                if (!returns.TryPop(out var back))
                {
                    return PacketVerdict.Accepted;
                }

                (chain, next) = back;
                continue;
            }

            var rule = chain.Rules[next++];
            if (Evaluate(rule, packet, out var outcome, out var element) is not { } verdict)
            {
                if (outcome is { } final)
                {
                    path?.Add(
                        new PathStep(
                            chain.Name,
                            rule.Comment ?? string.Empty,
                            final == PacketVerdict.Reset ? "reject with tcp reset" : "reject"
                        )
                    );
                    return final;
                }

                continue;
            }

            path?.Add(
                new PathStep(
                    chain.Name,
                    element?.Comment is { } comment ? $"{rule.Comment}: {comment}" : rule.Comment ?? string.Empty,
                    verdict.ToString()
                )
            );
            switch (verdict.Kind)
            {
                case NftVerdictKind.Accept:
                    return PacketVerdict.Accepted;
                case NftVerdictKind.Drop:
                    return PacketVerdict.Dropped;
                case NftVerdictKind.Return:
                    next = chain.Rules.Count;
                    break;
                case NftVerdictKind.Jump:
                    returns.Push((chain, next));
                    (chain, next) = (table.Chains[verdict.Chain!], 0);
                    break;
                default:
                    (chain, next) = (table.Chains[verdict.Chain!], 0);
                    break;
            }
        }
    }

    // A verdict, or a rejection in outcome, or neither where the rule does not match.
    private NftVerdict? Evaluate(NftRule rule, in Packet packet, out PacketVerdict? outcome, out NftElement? element)
    {
        outcome = null;
        element = null;
        foreach (var statement in rule.Statements)
        {
            switch (statement)
            {
                case VerdictStatement { Verdict: var verdict }:
                    return verdict;
                case RejectStatement { TcpReset: var reset }:
                    outcome = reset ? PacketVerdict.Reset : PacketVerdict.Unreachable;
                    return null;
                case AddressVerdictMap map:
                    element = packet.Source.Family == map.Family ? Index(map.Map).Find(Address(packet, map.End)) : null;
                    return element?.Verdict;
                case PortVerdictMap map:
                    element = packet.HasPorts ? Index(map.Map).FindPort(packet.Protocol, packet.DestinationPort) : null;
                    return element?.Verdict;
                default:
                    if (!Matches(statement, packet))
                    {
                        return null;
                    }

                    break;
            }
        }

        return null;
    }

    private bool Matches(NftStatement statement, in Packet packet)
    {
        var family = packet.Source.Family;
        return statement switch
        {
            EstablishedMatch => packet.IsTracked,
            TcpBeginMatch => packet.Protocol == (byte)Protocol.Tcp,
            LoopbackMatch => packet.IsLoopback,
            AddressMatch match => family == match.Family
                && Index(match.Set).Find(Address(packet, match.End)) is not null,
            AddressPairMatch match => family == match.Family
                && Index(match.Set).FindPair(packet.Source, packet.Destination) is not null,
            EndpointMatch match => family == match.Family
                && packet.HasPorts
                && Index(match.Set).FindEndpoint(packet.Destination, packet.Protocol, packet.DestinationPort)
                    is not null,
            PortMatch match => packet.HasPorts
                && match.Ports.Contains((Protocol)packet.Protocol, packet.DestinationPort),
            L4ProtocolMatch match => packet.Protocol == match.Protocol,
            IcmpMatch match => family == match.Family
                && packet.Protocol == (family == IpFamily.IPv4 ? Packet.IcmpV4 : Packet.IcmpV6)
                && packet.IcmpType == match.Type
                && (match.Code is null || packet.IcmpCode == match.Code),
            _ => throw new InvalidOperationException($"{statement} cannot be simulated"),
        };
    }

    private static IpAddress Address(in Packet packet, PacketEnd end) =>
        end == PacketEnd.Source ? packet.Source : packet.Destination;

    private SetIndex Index(string set)
    {
        if (!_indexes.TryGetValue(set, out var index))
        {
            index = new SetIndex(table.Sets[set]);
            _indexes.Add(set, index);
        }

        return index;
    }
}
