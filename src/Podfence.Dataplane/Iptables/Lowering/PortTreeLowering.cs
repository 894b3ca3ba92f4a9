using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Turns the spans of a fence into a tree of chains, as iptables has no map from ports to chains: each chain asks for a few ranges, so that the rules a packet
/// meets grow with the logarithm of the spans.
/// </summary>
internal static class PortTreeLowering
{
    private const char TreeChain = 'T';
    private const char BranchChain = 'B';

    // Of four the packet tries two and a half on average, which beats both two and eight. Eight keep all ports there are within the depth that the kernel allows.
    private const int Width = 4;
    private const int LargeWidth = 8;
    private const int Large = 4096;

    /// <summary>The rules that lead to the spans, one per protocol.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="chains">Gets the chains that are needed.</param>
    /// <param name="sources">Remembers what the rules were made of, where somebody wants to know.</param>
    public static IEnumerable<IptRule> Lower(Fence fence, List<IptChain> chains, RuleProvenanceMap? sources)
    {
        var comment = PolicyComment.Of(IptLimits.Comment, fence.Policies, "by port: ");
        var refuse = FenceLowering.Isolated(fence, IptNames.Refuse, sources);
        var known = new HashSet<string>();
        var rules = new List<IptRule>();
        foreach (var protocol in fence.Branches.GroupBy(static branch => branch.Ports.Protocol))
        {
            IReadOnlyList<(PortRange Ports, IptRule Rule)> level = [.. protocol.Select(branch => (branch.Ports, Leaf(branch)))];
            var width = level.Count <= Large ? Width : LargeWidth;
            while (level.Count > width)
            {
                level = [.. level.Chunk(width).Select(Node)];
            }

            rules.AddRange(level.Select(static item => item.Rule));
        }

        return rules;

        IptRule Leaf(PortBranch branch)
        {
            foreach (var rule in branch.Rules)
            {
                if (rule.Peer is null && rule.Ports is null)
                {
                    return FenceLowering.Allow(new RuleSource(fence, rule, branch.Ports), branch.Ports, sources);
                }
            }

            var chain = Add(FenceLowering.Make(BranchChain, fence.Direction, [.. branch.Rules.Select(rule => FenceLowering.Allow(new RuleSource(fence, rule, branch.Ports), rule.Ports, sources)), refuse]));
            return IptRule.Of(FenceLowering.Ports(branch.Ports), comment, $"-g {chain}");
        }

        (PortRange Ports, IptRule Rule) Node((PortRange Ports, IptRule Rule)[] below)
        {
            var span = new PortRange(below[0].Ports.Protocol, below[0].Ports.First, below[^1].Ports.Last);
            var chain = Add(FenceLowering.Make(TreeChain, fence.Direction, [.. below.Select(static item => item.Rule), refuse]));
            return (span, IptRule.Of(FenceLowering.Ports(span), comment, $"-g {chain}"));
        }

        string Add(IptChain chain)
        {
            if (known.Add(chain.Name))
            {
                chains.Add(chain);
            }

            return chain.Name;
        }
    }
}
