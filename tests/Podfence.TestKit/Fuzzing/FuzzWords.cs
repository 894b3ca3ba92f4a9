namespace Podfence.TestKit;

/// <summary>
/// What mutations insert: words of the API in wrong places, limit values, and fragments with a meaning in YAML or JSON.
/// </summary>
internal static class FuzzWords
{
    public static readonly string[] Keys =
    [
        "apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "status", "podSelector", "namespaceSelector", "ipBlock", "cidr", "except", "ingress", "egress", "from", "to", "ports", "port",
        "endPort", "protocol", "policyTypes", "matchLabels", "matchExpressions", "key", "operator", "values", "items", "containers", "initContainers", "containerPort", "hostNetwork", "nodeName", "podIPs", "podIP", "ip",
        "phase", "podCIDRs", "podCIDR", "addresses", "address", "type", "template", "jobTemplate", "ownerReferences", "controller", "creationTimestamp", "deletionTimestamp", "expect", "verdict", "family", "why",
        "podfence.io/lint-ignore",
        "<<", "ingres", "Ports", "? x", "\"\"", "null", "yes", "80", "~", "a b", "&a x", "*a",
    ];

    public static readonly string[] Scalars =
    [
        "null", "~", "\"\"", "''", "yes", "no", "on", "true", "false", "True", "0", "-0", "1", "-1", "53", "80", "\"80\"", "65535", "65536", "-65535", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808",
        "99999999999999999999999", "0x50", "0o120", "0120", "08", "0b1", "1_000", "_1", "1e3", "1e999", "1.5", "+1", ".5", "5.", ".inf", "-.inf", ".nan", "2026-01-31T12:00:00Z", "2026-13-31T12:00:00Z", "2026-01-31",
        "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "010.0.0.0/8", "10.0.0/8", "10/8", "0.0.0.0/0", "255.255.255.255/32", "\"::/0\"", "\"::/129\"", "\"fd00::/8\"", "\"fd00::1/8\"", "\"::ffff:10.0.0.0/104\"",
        "\"::ffff:10.0.0.1\"", "\"fe80::1%eth0\"", "\"FD00::1\"", "\"1:2:3:4:5:6:7:8\"", "\"1:2:3:4:5:6:7:8:9\"", "\"::1::\"", "10.0.0.256", "10.0.0.1", "1.2.3", "1.2.3.4.5", "\"[::1]:80\"", "node:n1", "\"node:\"", "\"node:*\"",
        "default/web", "default/*", "\"*/*\"", "\"/\"", "a/b/c/d", "shop/deployment/web", "shop/Rollout/x", "shop//x", "Ingress", "ingress", "Egress", "[Ingress]", "In", "NotIn", "Exists", "exists", "TCP", "tcp", "UDP", "SCTP", "ICMP",
        "NetworkPolicy", "NetworkPolicyList", "Pod", "PodList", "List", "Namespace", "Node", "Deployment", "CronJob", "Job", "ReplicaSet", "Service", "networkpolicy", "v1", "networking.k8s.io/v1", "apps/v1", "batch/v1", "extensions/v1beta1", "example.com/v1",
        "Running", "Succeeded", "running", "InternalIP", "Hostname", "allow", "deny", "Allow", "ipv4", "ipv6", "PF001", "all", "kube-system", "kubernetes.io/metadata.name", "a", "web", "a-b", "-a", "a-", "a--b", "A", "a.b", "a_b", "a/b", "/a", "a/",
        "fifteen-chars-x", "sixteen-chars-xy", "\"\\u0000\"", "\"\\u001b[31m\"", "\"\\n\"", "\"\\t\"", "\"a\\nb\"", "\"\\ud83d\\ude00\"", "\"ä\"", "ä", "日本", "\u202e", "\u200b", "\ufeff", "\"\\\\\"", "'it''s'", "|", ">-", "@", "`", "%", "!", "!!str 5", "!!binary aGk=", "!!int x", "!!null x",
        "&a", "*a", "&a x", "{}", "[]", "[{}]", "{a: b}", "[[]]", "{}: {}", "- ", "? ", ": ",
    ];

    public static readonly string[] Scraps =
    [
        "", "\n", "\r\n", "\r", "\n---\n", "\n...\n", "---", "\n--- # x\n", " ", "  ", "\t", "\n\t", "{", "}", "[", "]", ",", ": ", ":", "- ", "\n- ", "\n-\n", "&a ", "*a", "<<: *a\n", "!!str ", "'", "\"", "|", "|2\n", "> ", "#", " #", "%", "%YAML 1.2\n", "%TAG ! x\n",
        "\0", "\u0001", "\u0007", "\u001b[2J", "\u007f", "\u0085", "\u2028", "\ufeff", "\ufffe", "ä", "😀", "null", "1e999", "-", "?", "? ", "@", "`", "0x", "...", "\\", "\\u0000", "//", "/*", "NaN", "\"\":",
    ];
}
