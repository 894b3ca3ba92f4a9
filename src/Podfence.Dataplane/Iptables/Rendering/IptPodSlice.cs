using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// The part of a node's rules that packets of one pod can meet: the jumps, the dispatch to its fences, the fences, and
/// the sets that they match.
/// </summary>
public static class IptPodSlice
{
    /// <summary>The part; its objects are the same as in the whole.</summary>
    /// <param name="whole">The whole.</param>
    /// <param name="addresses">The pod's.</param>
    public static IptRuleset Of(IptRuleset whole, IReadOnlyCollection<IpAddress> addresses)
    {
        var keys = addresses.Select(static address => address.ToString()).ToHashSet();
        var sets = new Dictionary<string, IptSetContent>();
        var chains = new Dictionary<IpFamily, IReadOnlyDictionary<string, IptChain>>();
        foreach (var family in IpFamilies.All)
        {
            var part = new Dictionary<string, IptChain>();
            foreach (var jump in whole.Jumps)
            {
                Visit(family, jump.Chain, part, isBase: true);
            }

            chains[family] = part;
        }

        return new IptRuleset(whole.Jumps, chains, sets);

        void Visit(IpFamily family, string name, Dictionary<string, IptChain> part, bool isBase)
        {
            if (part.ContainsKey(name) || !whole.Chains[family].TryGetValue(name, out var chain))
            {
                return;
            }

            // The rules of base chains are the same on every node; below them, only paths of this pod.
            part[name] = chain = chain with
            {
                Rules =
                [
                    .. chain.Rules.Where(rule =>
                        isBase || rule.Match is not { } match || !Guides(match.Set) || Mine(match.Set).Count > 0
                    ),
                ],
            };
            foreach (var rule in chain.Rules)
            {
                if (rule.Match is { } match)
                {
                    sets.TryAdd(
                        match.Set,
                        Guides(match.Set)
                            ? whole.Sets[match.Set] with
                            {
                                Elements = Mine(match.Set),
                            }
                            : whole.Sets[match.Set]
                    );
                }

                if (rule.Target[(rule.Target.LastIndexOf(' ') + 1)..] is var next && IptNames.IsOurs(next))
                {
                    Visit(family, next, part, isBase: false);
                }
            }
        }

        // Whether a set holds fenced addresses, and not peers.
        bool Guides(string set) =>
            set != IptNames.LinkLocalSet
            && (IptNames.IsDispatchSet(set) || whole.Sets[set].Set.Type == IptSetType.Pods);

        List<IptElement> Mine(string set) => [.. whole.Sets[set].Elements.Where(element => keys.Contains(element.Key))];
    }
}
