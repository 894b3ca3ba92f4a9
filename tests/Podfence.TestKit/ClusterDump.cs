using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// A cluster as YAML, one object a line: short enough to read, and a manifest that can be pasted into a file.
/// </summary>
public static class ClusterDump
{
    public static string Text(ClusterCase cluster)
    {
        var text = new StringBuilder();
        foreach (var change in cluster.Upserts())
        {
            text.Append("---\n").Append(Document(change)).Append('\n');
        }

        for (var i = 0; i < cluster.Changes.Count; i++)
        {
            text.Append($"# change {i}: {cluster.Changes[i].What}\n---\n{Document(cluster.Changes[i])}\n");
        }

        return text.ToString();
    }

    public static string Text(ClusterState state) => Text(ClusterCase.Of(state));

    public static string Document(ClusterChange change) =>
        change switch
        {
            PodChange pod => pod.After is null ? $"# remove pod {pod.Key}" : Document(pod.After),
            NamespaceChange ns => ns.After is null
                ? $"# remove namespace {ns.Name}"
                : $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns.Name}{Labels(ns.After.Labels)}}}}}",
            NodeChange node => node.After is null ? $"# remove node {node.Name}" : Document(node.After),
            PolicyChange policy => policy.After is null ? $"# remove policy {policy.Key}" : Document(policy.After),
            _ => change.ToString(),
        };

    private static string Document(Node node) =>
        $"{{apiVersion: v1, kind: Node, metadata: {{name: {node.Name}}}, spec: {{podCIDRs: "
        + $"{List(node.PodCidrs, static cidr => Quote(cidr.ToString()))}}}, "
        + $"status: {{addresses: "
        + $"{List(node.Addresses, static address => $"{{type: InternalIP, address: {Quote(address.ToString())}}}")}}}}}";

    private static string Document(Pod pod)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(pod.CreatedAt).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var spec = new List<string>();
        if (pod.NodeName is not null)
        {
            spec.Add($"nodeName: {pod.NodeName}");
        }

        if (pod.HostNetwork)
        {
            spec.Add("hostNetwork: true");
        }

        // One container for each port: names may repeat among containers only.
        var index = 0;
        spec.Add($"containers: {List(pod.Ports, port => $"{{name: c{index++}, ports: [{Port(port)}]}}")}");
        var deletion = pod.Terminating ? $", deletionTimestamp: {created}" : "";
        return $"{{apiVersion: v1, kind: Pod, metadata: {{namespace: {pod.Key.Namespace}, name: "
            + $"{pod.Key.Name}{Labels(pod.Labels)}, creationTimestamp: {created}{deletion}}}, "
            + $"spec: {{{string.Join(", ", spec)}}}, status: {{phase: {pod.Phase}, podIPs: "
            + $"{List(pod.Addresses, static address => $"{{ip: {Quote(address.ToString())}}}")}}}}}";
    }

    private static string Document(NetworkPolicy policy)
    {
        var types = new List<string>();
        if (policy.IsolatesIngress)
        {
            types.Add("Ingress");
        }

        if (policy.IsolatesEgress)
        {
            types.Add("Egress");
        }

        return $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{namespace: "
            + $"{policy.Key.Namespace}, name: {policy.Key.Name}}}, "
            + $"spec: {{podSelector: {Selector(policy.PodSelector)}, policyTypes: [{string.Join(", ", types)}]"
            + $"{Rules("ingress", "from", policy.Ingress)}{Rules("egress", "to", policy.Egress)}}}}}";
    }

    private static string Rules(string field, string peers, EquatableArray<PolicyRule> rules) =>
        rules.IsEmpty ? "" : $", {field}: {List(rules, rule => Rule(peers, rule))}";

    private static string Rule(string field, PolicyRule rule)
    {
        var parts = new List<string>();
        if (!rule.Peers.IsEmpty)
        {
            parts.Add($"{field}: {List(rule.Peers, Peer)}");
        }

        if (!rule.Ports.IsEmpty)
        {
            parts.Add($"ports: {List(rule.Ports, Port)}");
        }

        return $"{{{string.Join(", ", parts)}}}";
    }

    private static string Peer(PolicyPeer peer) =>
        peer switch
        {
            IpBlockPeer { Except.IsEmpty: true } block => $"{{ipBlock: {{cidr: {Quote(block.Cidr.ToString())}}}}}",
            IpBlockPeer block => $"{{ipBlock: {{cidr: {Quote(block.Cidr.ToString())}, except: "
                + $"{List(block.Except, static cidr => Quote(cidr.ToString()))}}}}}",
            SelectorPeer { Namespaces: null, Pods: { } pods } => $"{{podSelector: {Selector(pods)}}}",
            SelectorPeer { Namespaces: { } namespaces, Pods: null } => $"{{namespaceSelector: {Selector(namespaces)}}}",
            SelectorPeer { Namespaces: { } namespaces, Pods: { } pods } =>
                $"{{namespaceSelector: {Selector(namespaces)}, podSelector: {Selector(pods)}}}",
            _ => "{}",
        };

    private static string Port(PolicyPort port) =>
        port switch
        {
            { Name: { } name } => $"{{protocol: {Protocol(port.Protocol)}, port: {name}}}",
            { First: null } => $"{{protocol: {Protocol(port.Protocol)}}}",
            { First: { } first, Last: { } last } when last != first =>
                $"{{protocol: {Protocol(port.Protocol)}, port: {first}, endPort: {last}}}",
            _ => $"{{protocol: {Protocol(port.Protocol)}, port: {port.First}}}",
        };

    private static string Port(ContainerPort port) =>
        $"{{{(port.Name is null ? "" : $"name: {port.Name}, ")}containerPort: {port.Number}, protocol: "
        + $"{Protocol(port.Protocol)}}}";

    private static string Selector(LabelSelector selector) =>
        selector switch
        {
            { Unreadable: true } => "{matchExpressions: [{key: unreadable, operator: Unreadable}]}",
            { Requirements.IsEmpty: true } => "{}",
            _ => $"{{matchExpressions: {List(selector.Requirements, Requirement)}}}",
        };

    private static string Requirement(LabelRequirement requirement) =>
        requirement.Values.IsEmpty
            ? $"{{key: {requirement.Key}, operator: {requirement.Operator}}}"
            : $"{{key: {requirement.Key}, operator: {requirement.Operator}, values: "
                + $"{List(requirement.Values, Quote)}}}";

    private static string Labels(LabelSet labels) =>
        labels.Count == 0
            ? ""
            : $", labels: {{{string.Join(", ", labels.Select(static label => $"{label.Key}: {Quote(label.Value)}"))}}}";

    private static string List<T>(EquatableArray<T> items, Func<T, string> text) =>
        $"[{string.Join(", ", items.Select(text))}]";

    private static string Quote(string text) => $"\"{text}\"";

    private static string Protocol(Protocol protocol) => protocol.ToString().ToUpperInvariant();
}
