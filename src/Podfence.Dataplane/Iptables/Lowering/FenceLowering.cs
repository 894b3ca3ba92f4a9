using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>One fence as chains.</summary>
/// <param name="Fence">What it was made of.</param>
/// <param name="Chains">All chains that it needs, its own first. Others may share them: equal content, equal name.</param>
internal sealed record LoweredFence(Fence Fence, IReadOnlyList<IptChain> Chains)
{
    /// <summary>The chain that packets of the fence's addresses are led to.</summary>
    public string Entry => Chains[0].Name;
}

/// <summary>
/// Turns a fence into chains. What is allowed returns; what is not goes on, by <c>goto</c>, to the next chain and at last to the refusal. As every step but the first
/// is a goto, a return leads out of the whole fence, back to the dispatch, and no mark is needed to remember the answer.
/// Chains are named by their content and never change.
/// </summary>
internal static class FenceLowering
{
    private const char FenceChain = 'F';
    private const char PolicyChain = 'P';

    /// <summary>The chains of a fence; a function of the fence alone.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="sources">Remembers what the rules were made of, where somebody wants to know.</param>
    public static LoweredFence Lower(Fence fence, RuleProvenanceMap? sources = null)
    {
        var chains = new List<IptChain>();
        var rules = fence.Branches.IsEmpty ? ByPolicy(fence, chains, sources) : ByPort(fence, chains, sources);
        chains.Insert(0, Make(FenceChain, fence.Direction, rules));
        return new LoweredFence(fence, chains);
    }

    /// <summary>A chain named by its direction, its kind and all of its lines: two that say the same are one, but never one for both directions.</summary>
    internal static IptChain Make(char kind, Direction direction, IReadOnlyList<IptRule> rules)
    {
        var lines = rules.SelectMany(static rule => rule.Lines(SetView.Plain));
        return new IptChain(IptNames.Chain(kind, $"{direction}\n{string.Join('\n', lines)}"), rules);
    }

    /// <summary>A rule that lets pass what the white list names.</summary>
    /// <param name="source">The alternative, its fence, and the ports of the branch that it stands in.</param>
    /// <param name="ports">The ports to ask for: those of the rule, or of the branch where nothing before it has asked.</param>
    /// <param name="sources">Remembers the source.</param>
    internal static IptRule Allow(RuleSource source, PortRange? ports, RuleProvenanceMap? sources)
    {
        var rule = source.Rule!;
        var made = new IptRule(
            ports is { } span ? Ports(span) : "", rule.Peer is { } peer ? Match(peer, source.Fence.Direction) : null, PolicyComment.Of(IptLimits.Comment, rule.Policies), "-j RETURN");
        sources?.Add(made, source);
        return made;
    }

    /// <summary>A rule that refuses what came so far.</summary>
    internal static IptRule Isolated(Fence fence, string next, RuleProvenanceMap? sources)
    {
        var made = IptRule.Of("", PolicyComment.Of(IptLimits.Comment, fence.Policies, "isolated by "), $"-g {next}");
        sources?.Add(made, new RuleSource(fence, null, null));
        return made;
    }

    /// <summary>The match of a span of ports.</summary>
    internal static string Ports(PortRange ports)
    {
        var protocol = ports.Protocol switch { Protocol.Tcp => "tcp", Protocol.Udp => "udp", _ => "sctp" };
        return ports.IsWholeProtocol ? $"-p {protocol}" : $"-p {protocol} -m {protocol} --dport {(ports.First == ports.Last ? $"{ports.First}" : $"{ports.First}:{ports.Last}")}";
    }

    private static SetMatch Match(SetId peer, Direction direction) =>
        new(IptNames.PeerSet(peer), peer.Kind == SetKind.Endpoints ? "dst,dst" : direction == Direction.Egress ? "dst" : "src");

    /// <summary>A small fence: a chain per policy, tried in turn; policies share chains where there are more of them than the kernel lets chains lead on to each other.</summary>
    private static List<IptRule> ByPolicy(Fence fence, List<IptChain> chains, RuleProvenanceMap? sources)
    {
        var next = IptNames.Refuse;
        var policies = fence.Rules.GroupBy(static rule => rule.Policies[0]).OrderBy(static group => group.Key).ToList();
        var together = Math.Max(1, (policies.Count + IptLimits.FenceDepth - 1) / IptLimits.FenceDepth);
        foreach (var some in policies.Chunk(together).Reverse())
        {
            var names = some.Select(static policy => policy.Key).ToEquatableArray();
            var chain = Make(PolicyChain, fence.Direction,
            [
                .. some.SelectMany(static policy => policy).Select(rule => Allow(new RuleSource(fence, rule, null), rule.Ports, sources)),
                IptRule.Of("", PolicyComment.Of(IptLimits.Comment, names, "not allowed by "), $"-g {next}"),
            ]);
            chains.Insert(0, chain);
            next = chain.Name;
        }

        return [Isolated(fence, next, sources)];
    }

    /// <summary>A large one: what is for every port first, then one way down a tree of ports.</summary>
    private static List<IptRule> ByPort(Fence fence, List<IptChain> chains, RuleProvenanceMap? sources) =>
    [
        .. fence.Rules.Select(rule => Allow(new RuleSource(fence, rule, null), rule.Ports, sources)),
        .. PortTreeLowering.Lower(fence, chains, sources),
        Isolated(fence, IptNames.Refuse, sources),
    ];
}
