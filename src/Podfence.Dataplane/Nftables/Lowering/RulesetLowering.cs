using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Dataplane.Nftables;

/// <summary>Turns a whole ruleset into our table, and into the transaction that makes it.</summary>
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
    /// The transaction that puts the table in the place of whatever is there. The table is added first because deleting what is not there is an error;
    /// maps get their elements last, as these lead to chains.
    /// </summary>
    public static IReadOnlyList<NftOperation> Replacement(NftTable table)
    {
        var operations = new List<NftOperation> { new AddTable(), new DeleteTable(), new AddTable() };
        foreach (var (set, elements) in table.Sets.Values)
        {
            operations.Add(new AddSet(set));
            if (!set.HasVerdicts && elements.Count > 0)
            {
                operations.Add(new AddElements(set, elements));
            }
        }

        foreach (var chain in table.Chains.Values)
        {
            operations.Add(new AddChain(chain));
        }

        foreach (var chain in table.Chains.Values)
        {
            operations.Add(new AddRules(chain.Name, chain.Rules));
        }

        foreach (var (set, elements) in table.Sets.Values)
        {
            if (set.HasVerdicts && elements.Count > 0)
            {
                operations.Add(new AddElements(set, elements));
            }
        }

        return operations;
    }

    internal static NftElement[] Elements(IEnumerable<SetElement> elements) => [.. elements.Select(element => new NftElement(element))];
}
