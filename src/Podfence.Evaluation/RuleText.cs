using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>Describes the peers and ports of a rule.</summary>
internal static class RuleText
{
    private const int MaxShown = 4;

    public static string Peers(RuleResult rule) =>
        List(rule.Rule.Peers.Select(peer => Peer(rule.Policy, peer)).ToList(), " or ");

    public static string Ports(PolicyRule rule) => List(rule.Ports.Select(Port).ToList(), ", ");

    public static string Peer(NetworkPolicy policy, PolicyPeer peer) =>
        peer switch
        {
            IpBlockPeer { Except.IsEmpty: true } block => $"addresses in {block.Cidr}",
            IpBlockPeer block => $"addresses in {block.Cidr} except {string.Join(", ", block.Except)}",
            SelectorPeer selectors => $"{Pods(selectors.Pods)} in {Namespaces(policy, selectors.Namespaces)}",
            _ => peer.ToString(),
        };

    public static string Port(PolicyPort port) =>
        port switch
        {
            { Name: { } name } => Flow.PortText(port.Protocol, $"\"{name}\""),
            { First: null } => Flow.PortText(port.Protocol, "<any>"),
            { First: { } first, Last: { } last } when last != first => Flow.PortText(port.Protocol, $"{first}-{last}"),
            { First: { } first } => Flow.PortText(port.Protocol, $"{first}"),
        };

    private static string Pods(LabelSelector? selector) =>
        selector switch
        {
            null => "all pods",
            { Unreadable: true } => "no pods (the podSelector cannot be parsed)",
            { Requirements.IsEmpty: true } => "all pods",
            _ => $"pods with {selector}",
        };

    private static string Namespaces(NetworkPolicy policy, LabelSelector? selector) =>
        selector switch
        {
            null => $"namespace {policy.Key.Namespace}",
            { Unreadable: true } => "no namespaces (the namespaceSelector cannot be parsed)",
            { Requirements.IsEmpty: true } => "all namespaces",
            _ => $"namespaces with {selector}",
        };

    private static string List(List<string> items, string separator) =>
        items.Count <= MaxShown
            ? string.Join(separator, items)
            : $"{string.Join(separator, items.Take(MaxShown))}{separator}{items.Count - MaxShown} more";
}
