using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A name of a port that no destination declares.</summary>
internal sealed class UndeclaredPortName() : LintRule("PF010", "undeclared-port-name", LintSeverity.Warning)
{
    public override string Summary => "A rule names a port that no container of its destinations declares.";

    public override string Why =>
        """
            A port given as text is the name of a container port, resolved on each destination: the selected pods for
            ingress, the pods that `to` matches for egress. Name and protocol must both agree, and the protocol is TCP if
            none is written. A name that no destination declares allows nothing. It is never the name of a Service port.
            Needs the destinations in the input.
            """;

    public override string Fix =>
        "name the port in the container (ports: [{name: NAME, containerPort: NUMBER}]), or write the number";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (
            var rule in context.Rules.Where(static rule => rule.Rule.Ports.Any(static port => port.Name is not null))
        )
        {
            if (Destinations(context, rule) is not { Count: > 0 } destinations)
            {
                continue;
            }

            for (var i = 0; i < rule.Rule.Ports.Count; i++)
            {
                var port = rule.Rule.Ports[i];
                if (
                    port.Name is not null
                    && !destinations.Exists(pod =>
                        pod.Ports.Any(declared => declared.Name == port.Name && declared.Protocol == port.Protocol)
                    )
                )
                {
                    yield return Describe(context, rule, i, port, destinations);
                }
            }
        }
    }

    private LintFinding Describe(LintContext context, RuleAt rule, int index, PolicyPort port, List<Pod> destinations)
    {
        var declared = destinations
            .SelectMany(static pod => pod.Ports)
            .Where(static item => item.Name is not null)
            .ToList();
        var protocol = port.Protocol.ToString().ToUpperInvariant();
        var who =
            destinations.Count == 1
                ? $"{destinations[0].Key} does not declare"
                : $"none of the {destinations.Count} "
                    + $"{(rule.Direction == Direction.Ingress ? "selected pods" : "destinations")} declares";
        var other = declared.Find(item => item.Name == port.Name);
        var near = DidYouMean.Closest(port.Name!, [.. declared.Select(static item => item.Name!).Distinct()]);
        return At(
            context,
            rule.Policy,
            $"{rule.PortField(index)}.port",
            $"{who} a {protocol} port \"{port.Name}\"",
            other is not null
                    ? $"write protocol: {other.Protocol.ToString().ToUpperInvariant()}, as the container declares"
                : near is not null ? $"did you mean {near}?"
                : null
        );
    }

    // With one item whose pods are not known, the destinations are not known.
    private static List<Pod>? Destinations(LintContext context, RuleAt rule)
    {
        var policy = rule.Policy;
        if (rule.Direction == Direction.Ingress)
        {
            return context.KnowsPodsOf(policy.Key.Namespace) ? [.. context.Subjects(policy)] : null;
        }

        var peers = rule.Rule.Peers.OfType<SelectorPeer>().ToList();
        var isKnown =
            peers.Count > 0
            && peers.Count == rule.Rule.Peers.Count
            && peers.TrueForAll(peer => context.NamespacesOf(policy, peer).All(context.KnowsPodsOf));
        return isKnown ? [.. peers.SelectMany(peer => context.MatchedPods(policy, peer)).Distinct()] : null;
    }
}
