using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>Turns a whole ruleset into chains and sets. Pure.</summary>
public static class IptLowering
{
    /// <summary>All that the kernel has to hold.</summary>
    public static IptRuleset Lower(Ruleset ruleset)
    {
        var chains = IpFamilies.All.ToDictionary(
            static family => family,
            family =>
                BaseChains.Chains(ruleset.Options, ruleset.PodRanges, family).ToDictionary(static chain => chain.Name)
        );
        var node = new NodeFences();
        foreach (var fence in ruleset.Fences.Values)
        {
            foreach (var chain in node.Add(fence).Chains)
            {
                chains[fence.Family][chain.Name] = chain;
            }
        }

        var dispatch = DispatchLowering.Lower(node.Members(ruleset.Endpoints), node.Comments);
        foreach (var (family, tables) in dispatch.Chains)
        {
            foreach (var (name, chain) in tables)
            {
                chains[family].Add(name, chain);
            }
        }

        var sets = dispatch.Sets.ToDictionary(static pair => pair.Key, static pair => pair.Value);
        foreach (var (id, elements) in ruleset.Sets)
        {
            var content = SetLowering.Lower(id, elements);
            sets.Add(content.Set.Name, content);
        }

        if (ruleset.Options.UnknownPodIps == UnknownPodIps.Deny)
        {
            foreach (
                var content in IpFamilies.All.SelectMany(family =>
                    UnknownPodIpLowering.Sets(ruleset.PodRanges, ruleset.KnownPodIps, family)
                )
            )
            {
                sets.Add(content.Set.Name, content);
            }
        }

        return new IptRuleset(
            BaseChains.Jumps(ruleset.Options),
            chains.ToDictionary(
                static pair => pair.Key,
                static pair => (IReadOnlyDictionary<string, IptChain>)pair.Value
            ),
            sets
        );
    }
}
