using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// What follows from rules alone: whether an item covers another one. It does only if that holds in every cluster that
/// has the policy's namespace.
/// </summary>
internal static class RuleLogic
{
    /// <summary>Whether the other rules allow everything that one peer and one port of a rule allow.</summary>
    /// <param name="context">The namespaces that exist.</param>
    /// <param name="policy">The policy; the others are of its namespace.</param>
    /// <param name="peer">The peer, or null for any.</param>
    /// <param name="port">The port, or null for every port.</param>
    /// <param name="others">Rules that hold for every pod of the policy.</param>
    public static bool IsAllowed(
        LintContext context,
        NetworkPolicy policy,
        PolicyPeer? peer,
        PolicyPort? port,
        IEnumerable<PolicyRule> others
    )
    {
        var fitting = others.Where(other => Covers(other.Ports, port)).ToList();
        return fitting.Exists(other =>
                other.Peers.IsEmpty
                || (peer is not null && other.Peers.Any(wide => Implies(context, policy, peer, wide)))
            ) || (peer is IpBlockPeer block && IsWithin(block, fitting.SelectMany(static other => other.Peers)));
    }

    /// <summary>Whether the ports include one.</summary>
    public static bool Covers(EquatableArray<PolicyPort> ports, PolicyPort? port)
    {
        if (ports.IsEmpty || port is null)
        {
            return ports.IsEmpty;
        }

        var wide = PortSet.Union([PortSet.None, .. ports.Where(static item => item.Name is null).Select(Numbers)]);
        var narrow = port.Name is null ? Numbers(port) : PortSet.Of(port.Protocol);
        return wide.Intersect(narrow).Equals(narrow)
            || (port.Name is not null && ports.Any(item => item.Name == port.Name && item.Protocol == port.Protocol));
    }

    /// <summary>Whether one peer matches everything that another matches.</summary>
    public static bool Implies(LintContext context, NetworkPolicy policy, PolicyPeer narrow, PolicyPeer wide) =>
        (narrow, wide) switch
        {
            (IpBlockPeer a, IpBlockPeer b) => AddressSet.Of(a).Without(AddressSet.Of(b)).IsEmpty,
            (SelectorPeer a, SelectorPeer b) => ImpliesPods(a.Pods, b.Pods)
                && ImpliesNamespaces(context, policy, a.Namespaces, b.Namespaces),
            _ => false,
        };

    private static bool IsWithin(IpBlockPeer block, IEnumerable<PolicyPeer> peers) =>
        peers
            .OfType<IpBlockPeer>()
            .Aggregate(AddressSet.Of(block), static (left, peer) => left.Without(AddressSet.Of(peer)))
            .IsEmpty;

    private static bool ImpliesPods(LabelSelector? narrow, LabelSelector? wide) =>
        wide is null || SelectorLogic.Implies(narrow ?? LabelSelector.Everything, wide);

    private static bool ImpliesNamespaces(
        LintContext context,
        NetworkPolicy policy,
        LabelSelector? narrow,
        LabelSelector? wide
    )
    {
        if (narrow is not null && wide is not null)
        {
            return SelectorLogic.Implies(narrow, wide);
        }

        if (narrow is null)
        {
            // The policy's own namespace. Its other labels may change; its name does not.
            return wide is null
                || (
                    context.State.Namespaces.ContainsKey(policy.Key.Namespace)
                    && SelectorLogic.Implies(Own(policy), wide)
                );
        }

        return narrow.Unreadable || SelectorLogic.Implies(narrow, Own(policy));
    }

    private static LabelSelector Own(NetworkPolicy policy) =>
        LabelSelector.MatchLabels((Namespace.NameLabel, policy.Key.Namespace));

    private static PortSet Numbers(PolicyPort port) =>
        port.First is { } first ? PortSet.Of(port.Protocol, first, port.Last ?? first) : PortSet.Of(port.Protocol);
}
