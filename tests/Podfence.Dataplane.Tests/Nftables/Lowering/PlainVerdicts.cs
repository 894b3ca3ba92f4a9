using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// What a ruleset says of a packet, read from the ruleset alone, rule by rule: the independent opinion that the lowered
/// table is held against.
/// </summary>
internal static class PlainVerdicts
{
    public static bool Allows(Ruleset ruleset, HookPoint hook, Packet packet)
    {
        var egress = hook == HookPoint.Forward || ruleset.Options.PodToNode == PodToNode.Enforce;
        if (
            (egress && IsUnknown(ruleset, packet.Source))
            || (hook == HookPoint.Forward && IsUnknown(ruleset, packet.Destination))
        )
        {
            return false;
        }

        return packet.Source == packet.Destination
            || (
                (!egress || Passes(ruleset, Direction.Egress, packet))
                && (hook == HookPoint.Input || Passes(ruleset, Direction.Ingress, packet))
            );
    }

    private static bool IsUnknown(Ruleset ruleset, IpAddress address) =>
        ruleset.PodRanges.Any(range => range.Contains(address)) && !ruleset.KnownPodIps.Contains(address);

    private static bool Passes(Ruleset ruleset, Direction direction, Packet packet)
    {
        var fenced = direction == Direction.Egress ? packet.Source : packet.Destination;
        if (!ruleset.Endpoints.TryGetValue(fenced, out var endpoint) || endpoint.Fence(direction) is not { } name)
        {
            return true;
        }

        var fence = ruleset.Fences[name];
        return fence.Rules.Any(rule => Matches(ruleset, direction, rule, packet))
            || fence.Branches.Any(branch =>
                Contains(branch.Ports, packet) && branch.Rules.Any(rule => Matches(ruleset, direction, rule, packet))
            );
    }

    private static bool Matches(Ruleset ruleset, Direction direction, AllowRule rule, Packet packet)
    {
        var peer = direction == Direction.Egress ? packet.Destination : packet.Source;
        return (rule.Ports is not { } ports || Contains(ports, packet))
            && (
                rule.Peer is not { } id
                || ruleset
                    .Sets[id]
                    .Any(element =>
                        id.Kind == SetKind.Endpoints
                            ? element
                                == SetElement.Of(packet.Destination, (Protocol)packet.Protocol, packet.DestinationPort)
                            : element.First <= peer && peer <= element.Last
                    )
            );
    }

    private static bool Contains(PortRange span, Packet packet) =>
        span.Contains((Protocol)packet.Protocol, packet.DestinationPort);
}
