using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>The part of a node's table that a packet of one pod can meet, read back from the kernel.</summary>
internal static class FencedPodRules
{
    /// <summary>The rules of one family as an nft script.</summary>
    public static string Read(LabCluster cluster, PodKey pod, IpFamily family)
    {
        var plan = cluster.Network.Plan.Pods[pod].Object;
        var table = cluster.Network.Node(plan.NodeName!).Run(static () =>
        {
            using var kernel = NetlinkKernel.Open();
            return kernel.Read();
        });
        return table is null || plan.AddressOf(family) is not { } address ? "no rules" : NftText.Print(Reachable(table, address, family)).TrimEnd();
    }

    private static NftTable Reachable(NftTable table, IpAddress address, IpFamily family)
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

            var rules = chain.Rules.Where(rule => rule.Statements.All(statement => FamilyOf(statement) is not { } other || other == family));
            chains[name] = chain with { Rules = rules.ToEquatableArray() };
            foreach (var statement in chains[name].Rules.SelectMany(static rule => rule.Statements))
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
            // Of the maps and pairs of all fenced pods, only what belongs to this one.
            var elements = content.Set.Key is NftKey.AddressPair || (content.Set.HasVerdicts && content.Set.Key == NftKey.Address)
                ? [.. content.Elements.Where(element => element.Key.First == address)]
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

    private static IpFamily? FamilyOf(NftStatement statement) => statement switch
    {
        AddressMatch match => match.Family,
        AddressPairMatch match => match.Family,
        AddressVerdictMap map => map.Family,
        EndpointMatch match => match.Family,
        IcmpMatch match => match.Family,
        _ => null,
    };

    private static string? SetOf(NftStatement statement) => statement switch
    {
        AddressMatch match => match.Set,
        AddressPairMatch match => match.Set,
        AddressVerdictMap map => map.Map,
        EndpointMatch match => match.Set,
        PortVerdictMap map => map.Map,
        _ => null,
    };
}
