using Podfence.Base;
using Podfence.Model;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The part of a node's table that packets of one pod can meet: the base chains, the dispatch to its fences, the
/// fences, and the sets that they match.
/// </summary>
public static class NftPodSlice
{
    /// <summary>The part; its objects are the same as in the whole.</summary>
    /// <param name="table">The whole.</param>
    /// <param name="addresses">The pod's.</param>
    /// <param name="family">Omits rules that match the other family; null for both.</param>
    public static NftTable Of(NftTable table, IReadOnlyCollection<IpAddress> addresses, IpFamily? family = null)
    {
        var chains = new Dictionary<string, NftChain>();
        var sets = new Dictionary<string, NftSetContent>();
        foreach (var chain in table.Chains.Values.Where(static chain => chain.Hook is not null))
        {
            Visit(chain.Name);
        }

        return new NftTable(chains, sets);

        void Visit(string name)
        {
            if (chains.ContainsKey(name) || !table.Chains.TryGetValue(name, out var chain))
            {
                return;
            }

            if (family is not null)
            {
                chain = chain with
                {
                    Rules = chain
                        .Rules.Where(rule =>
                            rule.Statements.All(statement => FamilyOf(statement) is not { } other || other == family)
                        )
                        .ToEquatableArray(),
                };
            }

            chains[name] = chain;
            foreach (var statement in chain.Rules.SelectMany(static rule => rule.Statements))
            {
                if (SetOf(statement) is { } set)
                {
                    VisitSet(set);
                }

                if (statement is VerdictStatement { Verdict.Chain: { } next })
                {
                    Visit(next);
                }
            }
        }

        void VisitSet(string name)
        {
            var content = table.Sets[name];
            // Of the maps and pairs of all fenced pods, only the elements of this one.
            var elements =
                content.Set.Key is NftKey.AddressPair || (content.Set.HasVerdicts && content.Set.Key == NftKey.Address)
                    ? [.. content.Elements.Where(element => addresses.Contains(element.Key.First))]
                    : content.Elements;
            sets[name] = content with { Elements = elements };
            foreach (var element in elements)
            {
                if (element.Verdict?.Chain is { } next)
                {
                    Visit(next);
                }
            }
        }
    }

    private static IpFamily? FamilyOf(NftStatement statement) =>
        statement switch
        {
            AddressMatch match => match.Family,
            AddressPairMatch match => match.Family,
            AddressVerdictMap map => map.Family,
            EndpointMatch match => match.Family,
            IcmpMatch match => match.Family,
            _ => null,
        };

    private static string? SetOf(NftStatement statement) =>
        statement switch
        {
            AddressMatch match => match.Set,
            AddressPairMatch match => match.Set,
            AddressVerdictMap map => map.Map,
            EndpointMatch match => match.Set,
            PortVerdictMap map => map.Map,
            _ => null,
        };
}
