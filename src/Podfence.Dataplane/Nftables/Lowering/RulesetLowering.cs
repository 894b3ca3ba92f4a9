using Podfence.Rulesets;


namespace Podfence.Dataplane.Nftables;

/// <summary>Turns a whole ruleset into our table, and into the transaction that makes it.</summary>
public static class RulesetLowering
{
    /// <summary>The table that the kernel has to hold.</summary>
    /// <param name="ruleset">The ruleset.</param>
    /// <param name="sources">Remembers what rules were made of, where somebody wants to know.</param>
    public static NftTable Lower(Ruleset ruleset, RuleProvenanceMap? sources = null)
    {
        var chains = new Dictionary<string, NftChain>();
        var sets = new Dictionary<string, NftSetContent>();
        foreach (var set in TableLayout.Sets)
        {
            sets.Add(set.Name, new NftSetContent(set, new List<NftElement>()));
        }

        sets.Add(TableLayout.LinkLocal.Name, new NftSetContent(TableLayout.LinkLocal, TableLayout.LinkLocalElements(FencedAddresses(ruleset))));

        foreach (var content in ruleset.Options.UnknownPodIps == UnknownPodIps.Deny ? UnknownPodIpLayout.Sets(ruleset) : [])
        {
            sets.Add(content.Set.Name, content);
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
            var lowered = FenceLowering.Lower(fence, sources);
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

    /// <summary>How many addresses of the node are fenced; those that are not known, where they are refused, count as one.</summary>
    public static int FencedAddresses(Ruleset ruleset) => ruleset.Endpoints.Count + (ruleset.Options.UnknownPodIps == UnknownPodIps.Deny ? 1 : 0);

    /// <summary>
    /// The transaction that puts the table in the place of whatever is there. The table is added first because deleting what is not there is an error.
    /// Base chains are replaced too, which lets a packet through that is just between the old and the new ones: so prefer <see cref="Transition"/>.
    /// </summary>
    public static IReadOnlyList<NftOperation> Replacement(NftTable table)
    {
        var operations = new List<NftOperation> { new AddTable(), new DeleteTable(), new AddTable() };
        TableTransition.AppendNew(operations, [.. table.Sets.Values], [.. table.Chains.Values]);
        return operations;
    }

    /// <summary>
    /// The way from the table that is there to another, leaving alone what is the same. Null where the kernel knows no such way: a base chain
    /// that is called from elsewhere or has foreign statements, a set of another type, or one with an element that cannot be named.
    /// </summary>
    /// <param name="actual">What is there, maybe from an earlier process or changed by another program.</param>
    /// <param name="expected">What should be there.</param>
    public static NftChange? Transition(NftTable actual, NftTable expected)
    {
        var transition = new TableTransition();
        foreach (var (name, content) in expected.Sets)
        {
            var found = actual.Sets.GetValueOrDefault(name);
            if (found is not null && (!TableDiff.SameType(found.Set, content.Set) || found.Elements.Any(static element => element.IsForeign)))
            {
                return null;
            }

            transition.Set(found, content);
        }

        foreach (var (name, content) in actual.Sets)
        {
            if (!expected.Sets.ContainsKey(name))
            {
                transition.Set(content, null);
            }
        }

        if (!expected.Chains.Values.All(chain => MayStay(chain, actual)))
        {
            return null;
        }

        transition.Chains(actual.Chains.Values, expected.Chains.Values);
        return transition.ToChange();
    }

    // The base chains must stay in place. A missing one would have to be prepared, when it has nothing to lead to yet; it is as bad as another hook.
    // A foreign statement in one may stand for more than a rule: that is how a dormant table is read, and only deleting helps against that.
    private static bool MayStay(NftChain expected, NftTable actual) => actual.Chains.TryGetValue(expected.Name, out var found)
        ? found.Hook == expected.Hook && (found.Hook is null || !found.Rules.Any(rule => rule.Statements.Any(statement => statement is ForeignStatement)))
        : expected.Hook is null;

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
