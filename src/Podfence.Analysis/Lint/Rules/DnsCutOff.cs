using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Pods that may connect to some destinations, but cannot resolve names.</summary>
internal sealed class DnsCutOff() : LintRule("PF007", "dns-cut-off", LintSeverity.Warning)
{
    public override string Summary =>
        "Pods that are isolated for egress may connect to some destinations, but not to a DNS server.";

    public override string Why =>
        """
            A pod that is isolated for egress reaches the cluster's DNS only if a rule allows it: port 53 over UDP, and over
            TCP for responses that do not fit into a datagram. `port: 53` without a protocol is TCP only. Pods that may
            connect to nothing at all are assumed to be intended that way. Where the rules match addresses only, which need
            no DNS, the finding is an info, and so is UDP without TCP.
            """;

    public override string Fix =>
        "allow it: {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, "
        + "podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, "
        + "port: 53}]}";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var servers = new DnsServers(context);
        // One finding for each policy: the same policies isolate many pods.
        return context
            .Policies.Where(static policy => policy.IsolatesEgress && !policy.Egress.IsEmpty)
            .Select(policy => Judge(context, servers, policy))
            .OfType<LintFinding>();
    }

    private LintFinding? Judge(LintContext context, DnsServers servers, NetworkPolicy policy)
    {
        var neighbours = context.IsolatingIn(policy.Key.Namespace, Direction.Egress).ToList();
        if (!context.KnowsPodsOf(policy.Key.Namespace))
        {
            return Judge(
                context,
                servers,
                policy,
                [
                    .. neighbours.Where(other =>
                        !SelectorLogic.AreDisjointSubjects(policy.PodSelector, other.PodSelector)
                    ),
                ],
                null
            );
        }

        foreach (var pod in context.Subjects(policy).DistinctBy(static pod => pod.Labels))
        {
            var isolating = neighbours.Where(other => other.PodSelector.SelectsSubject(pod.Labels)).ToList();
            // Of several policies with rules, the first one gets the finding.
            var isFirst = isolating.First(static other => !other.Egress.IsEmpty).Key == policy.Key;
            if (isFirst && Judge(context, servers, policy, isolating, pod) is { } finding)
            {
                return finding;
            }
        }

        return null;
    }

    private LintFinding? Judge(
        LintContext context,
        DnsServers servers,
        NetworkPolicy policy,
        List<NetworkPolicy> all,
        Pod? pod
    )
    {
        var who = pod is null ? "the selected pods" : pod.Key.ToString();
        var rules = all.SelectMany(static other => other.Egress.Select(rule => (Policy: other, Rule: rule))).ToList();
        var udp = rules.Exists(item => servers.IsOpenedBy(item.Policy, item.Rule, Protocol.Udp));
        var tcp = rules.Exists(item => servers.IsOpenedBy(item.Policy, item.Rule, Protocol.Tcp));
        var listsTcp = rules.Exists(static item =>
            item.Rule.Ports.Any(static port => port is { Protocol: Protocol.Tcp, First: 53, Last: 53 })
        );
        var needsNames = rules.Exists(static item =>
            item.Rule.Peers.IsEmpty || item.Rule.Peers.Any(static peer => peer is SelectorPeer)
        );
        return (udp, tcp) switch
        {
            (true, true) => null,
            (true, false) => At(
                context,
                policy,
                "spec.egress",
                $"{who} can query a DNS server over UDP, but not over TCP, which long responses need",
                "add {protocol: TCP, port: 53} beside port 53/UDP",
                LintSeverity.Info
            ),
            _ when listsTcp => At(
                context,
                policy,
                "spec.egress",
                $"{who} can query a DNS server over TCP only: a port without a protocol is TCP, and DNS uses UDP first",
                "add {protocol: UDP, port: 53}"
            ),
            _ => At(
                context,
                policy,
                "spec.egress",
                $"no rule allows {who} to query a DNS server on port 53",
                severity: needsNames ? null : LintSeverity.Info
            ),
        };
    }
}
