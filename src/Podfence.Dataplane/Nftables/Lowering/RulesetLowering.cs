using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Turns a whole ruleset into Podfence's table. Pure.</summary>
public static class RulesetLowering
{
    /// <summary>The table that the kernel has to hold.</summary>
    public static NftTable Lower(Ruleset ruleset)
    {
        var chains = new Dictionary<string, NftChain>();
        var sets = new Dictionary<string, NftSetContent>();
        foreach (var set in TableLayout.Sets)
        {
            sets.Add(set.Name, new NftSetContent(set, new List<NftElement>()));
        }

        var linkLocal = TableLayout.LinkLocalElements(FencedAddresses(ruleset));
        sets.Add(TableLayout.LinkLocal.Name, new NftSetContent(TableLayout.LinkLocal, linkLocal));
        if (ruleset.Options.UnknownPodIps == UnknownPodIps.Deny)
        {
            foreach (var content in UnknownPodIpLayout.Sets(ruleset))
            {
                sets.Add(content.Set.Name, content);
            }
        }

        foreach (var (id, elements) in ruleset.Sets)
        {
            sets.Add(id.Name, new NftSetContent(TableLayout.Set(id), Elements(elements)));
        }

        foreach (var chain in TableLayout.Chains(ruleset.Options))
        {
            chains.Add(chain.Name, chain);
        }

        foreach (var fence in ruleset.Fences.Values)
        {
            var lowered = FenceLowering.Lower(fence);
            foreach (var chain in lowered.Chains)
            {
                chains.Add(chain.Name, chain);
            }

            if (lowered.Ports is { } ports)
            {
                sets.Add(ports.Set.Name, ports);
            }
        }

        foreach (var (address, endpoint) in ruleset.Endpoints)
        {
            foreach (var (set, element) in EndpointLowering.Lower(address, endpoint))
            {
                ((List<NftElement>)sets[set.Name].Elements).Add(element);
            }
        }

        return new NftTable(chains, sets);
    }

    /// <summary>
    /// How many addresses of the node are fenced; unknown pod IPs, where they are denied, count as one.
    /// </summary>
    public static int FencedAddresses(Ruleset ruleset) =>
        ruleset.Endpoints.Count + (ruleset.Options.UnknownPodIps == UnknownPodIps.Deny ? 1 : 0);

    internal static List<NftElement> Elements(IEnumerable<SetElement> elements)
    {
        var lowered = new List<NftElement>(elements.TryGetNonEnumeratedCount(out var count) ? count : 0);
        foreach (var element in elements)
        {
            lowered.Add(new NftElement(element));
        }

        return lowered;
    }
}
