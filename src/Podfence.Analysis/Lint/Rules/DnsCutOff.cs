using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Pods that may send, but cannot ask for a name.</summary>
internal sealed class DnsCutOff() : LintRule("PF007", "dns-cut-off", LintSeverity.Warning)
{
    public override string Summary => "Pods that are isolated for egress may connect to somebody, but not ask a name server for the address.";

    public override string Why => """
        A pod that is isolated for egress reaches the cluster's DNS only if a rule says so: port 53 of UDP, and of TCP for answers that do not fit into a packet. `port: 53` without a protocol is TCP alone. Pods that may connect to
        nobody at all are taken to be meant so. Where all that pods may connect to is addresses, which need no names, the finding is an info, and so is UDP without TCP.
        """;

    public override string Fix => "allow it: {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var servers = new DnsServers(context);
        // The policies that lead to each culprit are the same for many pods.
        return context.Policies.Where(static policy => policy.IsolatesEgress && !policy.Egress.IsEmpty)
            .Select(policy => Judge(context, servers, policy)).OfType<LintFinding>();
    }

    private LintFinding? Judge(LintContext context, DnsServers servers, NetworkPolicy policy)
    {
        var neighbours = context.IsolatingIn(policy.Key.Namespace, Direction.Egress).ToList();
        if (!context.KnowsPodsOf(policy.Key.Namespace))
        {
            return Judge(context, servers, policy, [.. neighbours.Where(other => !SelectorLogic.AreDisjointSubjects(policy.PodSelector, other.PodSelector))], null);
        }

        foreach (var pod in context.Subjects(policy).DistinctBy(static pod => pod.Labels))
        {
            var isolating = neighbours.Where(other => other.PodSelector.SelectsSubject(pod.Labels)).ToList();
            // Of several policies with rules, the first speaks for the pod.
            var isSpeaker = isolating.First(static other => !other.Egress.IsEmpty).Key == policy.Key;
            if (isSpeaker && Judge(context, servers, policy, isolating, pod) is { } finding)
            {
                return finding;
            }
        }

        return null;
    }

    private LintFinding? Judge(LintContext context, DnsServers servers, NetworkPolicy policy, List<NetworkPolicy> all, Pod? pod)
    {
        var who = pod is null ? "the selected pods" : pod.Key.ToString();
        var rules = all.SelectMany(static other => other.Egress.Select(rule => (Policy: other, Rule: rule))).ToList();
        var udp = rules.Exists(item => servers.IsOpenedBy(item.Policy, item.Rule, Protocol.Udp));
        var tcp = rules.Exists(item => servers.IsOpenedBy(item.Policy, item.Rule, Protocol.Tcp));
        var listsTcp = rules.Exists(static item => item.Rule.Ports.Any(static port => port is { Protocol: Protocol.Tcp, First: 53, Last: 53 }));
        var needsNames = rules.Exists(static item => item.Rule.Peers.IsEmpty || item.Rule.Peers.Any(static peer => peer is SelectorPeer));
        return (udp, tcp) switch
        {
            (true, true) => null,
            (true, false) => At(context, policy, "spec.egress", $"{who} can ask a name server over UDP, but not over TCP, which long answers need", "add {protocol: TCP, port: 53} beside port 53 of UDP", LintSeverity.Info),
            _ when listsTcp => At(context, policy, "spec.egress", $"{who} can ask a name server over TCP alone: a port without a protocol is TCP, and names are asked for over UDP", "add {protocol: UDP, port: 53}"),
            _ => At(context, policy, "spec.egress", $"no rule lets {who} ask a name server: port 53 stays closed", severity: needsNames ? null : LintSeverity.Info),
        };
    }
}
