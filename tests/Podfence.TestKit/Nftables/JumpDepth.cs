using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;

namespace Podfence.TestKit;

/// <summary>
/// The kernel's check that no packet can run in circles or too deep: every way from a base chain, over rules and
/// elements, by jump or by goto, ends within <see cref="NftLimits.JumpDepth"/> steps.
/// </summary>
internal static class JumpDepth
{
    public static void Check(FakeTable table)
    {
        var heights = new Dictionary<string, int>(table.Chains.Count);
        foreach (var (name, chain) in table.Chains)
        {
            if (chain.Definition.Hook is not null)
            {
                FakeFailures.Require(
                    Height(table, name, heights, 0) <= NftLimits.JumpDepth,
                    $"jumps from chain {name} go too deep"
                );
            }
        }
    }

    private static int Height(FakeTable table, string name, Dictionary<string, int> heights, int depth)
    {
        if (heights.TryGetValue(name, out var known))
        {
            return known;
        }

        FakeFailures.Require(depth <= NftLimits.JumpDepth, $"jumps to chain {name} go too deep or in circles");
        var height = 0;
        foreach (var rule in table.Chains[name].Rules)
        {
            foreach (var statement in rule.Statements)
            {
                if (statement is VerdictStatement { Verdict.Chain: { } target })
                {
                    height = Math.Max(height, 1 + Height(table, target, heights, depth + 1));
                }
                else if (RuleCheck.SetOf(statement) is { } set)
                {
                    foreach (var leaf in table.Sets[set].Targets.Keys)
                    {
                        height = Math.Max(height, 1 + Height(table, leaf, heights, depth + 1));
                    }
                }
            }
        }

        heights[name] = height;
        return height;
    }
}
