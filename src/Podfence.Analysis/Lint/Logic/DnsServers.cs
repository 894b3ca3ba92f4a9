using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Decides whether a rule allows connections to what may be the cluster's DNS server: the DNS pods of the input, or
/// else the usual labels and namespaces.
/// A rule that lists port 53 itself is assumed to be for a DNS server.
/// </summary>
internal sealed class DnsServers
{
    private static readonly LabelSet s_usual = LabelSet.Of(("k8s-app", "kube-dns"));
    private static readonly string[] s_usualNamespaces = ["kube-system", "openshift-dns"];

    // OpenShift's servers listen on 5353, behind a Service on 53.
    private static readonly int[] s_ports = [53, 5353];
    private static readonly string[] s_portNames = ["dns", "dns-tcp", "domain"];

    private readonly LintContext _context;
    private readonly List<Pod> _servers;

    public DnsServers(LintContext context)
    {
        _context = context;
        _servers = [.. context.State.Pods.Where(static pod => !pod.HostNetwork && IsServer(pod.Labels))];
    }

    /// <summary>Whether the rule opens the DNS ports of a protocol to something that may be a DNS server.</summary>
    public bool IsOpenedBy(NetworkPolicy policy, PolicyRule rule, Protocol protocol)
    {
        if (rule.Ports.IsEmpty || rule.Ports.Any(port => port.Protocol == protocol && port.IsWholeProtocol))
        {
            return rule.Peers.IsEmpty || rule.Peers.Any(peer => MayBeServer(policy, peer));
        }

        var isListed = rule.Ports.Any(port =>
            port.Protocol == protocol
            && s_ports.Any(number => port is { First: { } first } && first == number && (port.Last ?? first) == number)
        );
        var isInRange = rule.Ports.Any(port =>
            port.Protocol == protocol
            && (
                port.Name is { } name
                    ? s_portNames.Contains(name) || IsPortOfServer(name)
                    : s_ports.Any(number => number >= port.First && number <= port.Last)
            )
        );
        return isListed
            ? rule.Peers.IsEmpty || rule.Peers.Any(peer => MayBeServer(policy, peer)) || _servers.Count == 0
            : isInRange && (rule.Peers.IsEmpty || rule.Peers.Any(peer => MayBeServer(policy, peer)));
    }

    private bool MayBeServer(NetworkPolicy policy, PolicyPeer peer)
    {
        // A node's cache, or an external server.
        if (peer is not SelectorPeer selectors)
        {
            return true;
        }

        if (_servers.Count > 0)
        {
            return _servers.Exists(server => _context.Matches(policy, selectors, server));
        }

        return (selectors.Pods?.Matches(s_usual) ?? true)
            && (
                selectors.Namespaces is null
                    ? s_usualNamespaces.Contains(policy.Key.Namespace)
                    : MayBeUsual(selectors.Namespaces)
            );
    }

    // What labels the namespace has besides its name is not known.
    private static bool MayBeUsual(LabelSelector namespaces) =>
        !namespaces.Unreadable
        && (
            SelectorLogic.ValuesOf(namespaces, Namespace.NameLabel) is not { } names
            || names.Any(name => s_usualNamespaces.Contains(name))
        );

    private bool IsPortOfServer(string name) =>
        _servers.Exists(server => server.Ports.Any(port => port.Name == name && s_ports.Contains(port.Number)));

    private static bool IsServer(LabelSet labels) =>
        labels["k8s-app"] is "kube-dns" or "coredns"
        || labels["app.kubernetes.io/name"] is "coredns"
        || labels["dns.operator.openshift.io/daemonset-dns"] is not null;
}
