using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>One fence as chains.</summary>
/// <param name="Fence">The fence.</param>
/// <param name="Chains">
/// All chains that it needs, its own first. Other fences may share them: equal content, equal name.
/// </param>
internal sealed record LoweredFence(Fence Fence, IReadOnlyList<IptChain> Chains)
{
    /// <summary>The chain that the dispatch jumps to.</summary>
    public string Entry => Chains[0].Name;
}

/// <summary>
/// Turns a fence into chains. What is allowed returns; what is not continues, by <c>goto</c>, with the next chain and
/// at last with the deny chain. As every step but the first is a goto, a return leads out of the whole fence, back to
/// the dispatch, and no mark is needed to remember the verdict. Chains are named by their content and never change.
/// </summary>
internal static class FenceLowering
{
    private const char FenceChain = 'F';
    private const char PolicyChain = 'P';

    /// <summary>The chains of a fence; a function of the fence alone.</summary>
    public static LoweredFence Lower(Fence fence)
    {
        var chains = new List<IptChain>();
        var rules = fence.Branches.IsEmpty ? ByPolicy(fence, chains) : ByPort(fence, chains);
        chains.Insert(0, Make(FenceChain, fence.Direction, rules));
        return new LoweredFence(fence, chains);
    }

    /// <summary>
    /// A chain named by its direction, its kind and all of its lines: two with the same lines are one chain, but never
    /// one for both directions.
    /// </summary>
    internal static IptChain Make(char kind, Direction direction, IReadOnlyList<IptRule> rules)
    {
        var lines = rules.SelectMany(static rule => rule.Lines(SetView.Plain));
        return new IptChain(IptNames.Chain(kind, $"{direction}\n{string.Join('\n', lines)}"), rules);
    }

    /// <summary>The iptables rule of an allow rule.</summary>
    /// <param name="source">The allow rule, its fence, and the port range of its branch.</param>
    /// <param name="ports">
    /// The ports to match: those of the rule, or of the branch where no earlier rule has matched them.
    /// </param>
    internal static IptRule Allow(RuleSource source, PortRange? ports)
    {
        var rule = source.Rule!;
        SetMatch? match = rule.Peer is { } peer ? Match(peer, source.Fence.Direction) : null;
        var comment = PolicyComment.Of(IptLimits.Comment, rule.Policies);
        return new IptRule(ports is { } range ? Ports(range) : "", match, comment, "-j RETURN") { Source = source };
    }

    /// <summary>The rule that denies what was not allowed so far.</summary>
    internal static IptRule Isolated(Fence fence, string next)
    {
        var comment = PolicyComment.Of(IptLimits.Comment, fence.Policies, "isolated by ");
        return IptRule.Of("", comment, $"-g {next}") with { Source = new RuleSource(fence, null, null) };
    }

    /// <summary>The match of a port range.</summary>
    internal static string Ports(PortRange ports)
    {
        var protocol = ports.Protocol switch
        {
            Protocol.Tcp => "tcp",
            Protocol.Udp => "udp",
            _ => "sctp",
        };
        if (ports.IsWholeProtocol)
        {
            return $"-p {protocol}";
        }

        var range = ports.First == ports.Last ? $"{ports.First}" : $"{ports.First}:{ports.Last}";
        return $"-p {protocol} -m {protocol} --dport {range}";
    }

    private static SetMatch Match(SetId peer, Direction direction)
    {
        var end = direction == Direction.Egress ? "dst" : "src";
        return new SetMatch(IptNames.PeerSet(peer), peer.Kind == SetKind.Endpoints ? "dst,dst" : end);
    }

    /// <summary>
    /// A small fence: a chain per policy, tried in turn. Policies share chains where there are more of them than the
    /// kernel allows nested chains.
    /// </summary>
    private static List<IptRule> ByPolicy(Fence fence, List<IptChain> chains)
    {
        var next = IptNames.Deny;
        var policies = fence.Rules.GroupBy(static rule => rule.Policies[0]).OrderBy(static group => group.Key).ToList();
        var together = Math.Max(1, (policies.Count + IptLimits.FenceDepth - 1) / IptLimits.FenceDepth);
        foreach (var some in policies.Chunk(together).Reverse())
        {
            var names = some.Select(static policy => policy.Key).ToEquatableArray();
            var chain = Make(
                PolicyChain,
                fence.Direction,
                [
                    .. some.SelectMany(static policy => policy)
                        .Select(rule => Allow(new RuleSource(fence, rule, null), rule.Ports)),
                    IptRule.Of("", PolicyComment.Of(IptLimits.Comment, names, "not allowed by "), $"-g {next}"),
                ]
            );
            chains.Insert(0, chain);
            next = chain.Name;
        }

        return [Isolated(fence, next)];
    }

    /// <summary>A large fence: rules for every port first, then one path down a tree of ports.</summary>
    private static List<IptRule> ByPort(Fence fence, List<IptChain> chains) =>
        [
            .. fence.Rules.Select(rule => Allow(new RuleSource(fence, rule, null), rule.Ports)),
            .. PortTreeLowering.Lower(fence, chains),
            Isolated(fence, IptNames.Deny),
        ];
}
