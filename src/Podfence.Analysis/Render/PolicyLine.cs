using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The part of a policy that a rule comes from.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Field">The field, as the API server writes paths: <c>spec.ingress[0].from[2]</c>;
/// <c>spec.podSelector</c> for the isolation itself.</param>
/// <param name="Location">File and line.</param>
/// <param name="Text">The YAML at that place, in one line.</param>
/// <param name="Ports">The ports of the rule that apply, as YAML in one line; null if the rule restricts none.</param>
public sealed record PolicyLine(PolicyKey Policy, string Field, SourceLocation Location, string Text, string? Ports)
{
    /// <summary>The parts that an origin refers to: one for each peer, or one for a rule without peers.</summary>
    public static IEnumerable<PolicyLine> Of(RuleOrigin origin)
    {
        var rule = origin.Rule;
        var field = $"spec.{(origin.Direction == Direction.Ingress ? "ingress" : "egress")}[{origin.RuleIndex}]";
        var ports = rule.Ports.IsEmpty
            ? null
            : string.Join(", ", origin.Ports.Select(index => YamlText.Port(rule.Ports[index])));
        if (origin.Peers.IsEmpty)
        {
            yield return new PolicyLine(origin.Policy.Key, field, At(origin.Policy, rule.Line), "any peer", ports);
        }

        foreach (var index in origin.Peers.ToList())
        {
            var peer = rule.Peers[index];
            var place = $"{field}.{(origin.Direction == Direction.Ingress ? "from" : "to")}[{index}]";
            yield return new PolicyLine(
                origin.Policy.Key,
                place,
                At(origin.Policy, peer.Line > 0 ? peer.Line : rule.Line),
                YamlText.Peer(peer),
                ports
            );
        }
    }

    /// <summary>The part that isolates pods.</summary>
    public static PolicyLine Isolation(NetworkPolicy policy, Direction direction) =>
        new(
            policy.Key,
            "spec.podSelector",
            policy.Location,
            $"isolates for {(direction == Direction.Ingress ? "ingress" : "egress")} "
                + $"{YamlText.Selector(policy.PodSelector)}",
            null
        );

    /// <summary>For people.</summary>
    public override string ToString() =>
        $"{Policy} {Field} ({Location}): "
        + $"{Text}{(Field == "spec.podSelector" ? "" : Ports is null ? ", every port" : $", ports [{Ports}]")}";

    private static SourceLocation At(NetworkPolicy policy, int line) =>
        line > 0 ? policy.Location with { Line = line } : policy.Location;
}
