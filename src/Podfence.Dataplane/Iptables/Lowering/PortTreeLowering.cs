using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Turns the port ranges of a fence into a tree of chains, as iptables has no map from ports to chains: each chain
/// matches a few ranges, so that the number of rules a packet meets grows with the logarithm of the number of ranges.
/// </summary>
internal static class PortTreeLowering
{
    private const char TreeChain = 'T';
    private const char BranchChain = 'B';

    // Of four the packet tries two and a half on average, which beats both two and eight. Eight keep all ports there
    // are within the depth that the kernel allows.
    private const int Width = 4;
    private const int LargeWidth = 8;
    private const int Large = 4096;

    /// <summary>The rules that lead to the ranges, one per protocol.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="chains">Receives the chains that are needed.</param>
    public static IEnumerable<IptRule> Lower(Fence fence, List<IptChain> chains)
    {
        var comment = PolicyComment.Of(IptLimits.Comment, fence.Policies, "by port: ");
        var deny = FenceLowering.Isolated(fence, IptNames.Deny);
        var known = new HashSet<string>();
        var rules = new List<IptRule>();
        foreach (var protocol in fence.Branches.GroupBy(static branch => branch.Ports.Protocol))
        {
            IReadOnlyList<PortNode> level = [.. protocol.Select(branch => new PortNode(branch.Ports, Leaf(branch)))];
            var width = level.Count <= Large ? Width : LargeWidth;
            while (level.Count > width)
            {
                level = [.. level.Chunk(width).Select(Join)];
            }

            rules.AddRange(level.Select(static node => node.Rule));
        }

        return rules;

        IptRule Leaf(PortBranch branch)
        {
            foreach (var rule in branch.Rules)
            {
                if (rule.Peer is null && rule.Ports is null)
                {
                    return FenceLowering.Allow(new RuleSource(fence, rule, branch.Ports), branch.Ports);
                }
            }

            var allowed = branch.Rules.Select(rule =>
                FenceLowering.Allow(new RuleSource(fence, rule, branch.Ports), rule.Ports)
            );
            var chain = Add(FenceLowering.Make(BranchChain, fence.Direction, [.. allowed, deny]));
            return IptRule.Of(FenceLowering.Ports(branch.Ports), comment, $"-g {chain}");
        }

        PortNode Join(PortNode[] below)
        {
            var range = new PortRange(below[0].Ports.Protocol, below[0].Ports.First, below[^1].Ports.Last);
            IptRule[] inner = [.. below.Select(static node => node.Rule), deny];
            var chain = Add(FenceLowering.Make(TreeChain, fence.Direction, inner));
            return new PortNode(range, IptRule.Of(FenceLowering.Ports(range), comment, $"-g {chain}"));
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

    // A range of ports and the rule that leads to it.
    private readonly record struct PortNode(PortRange Ports, IptRule Rule);
}
