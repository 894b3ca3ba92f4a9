using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Assigns addresses to pods and nodes without one, so that they can be evaluated. They come from the pod CIDRs of the
/// nodes where there are any, because that is
/// where real ones would come from and what a block for pods holds; else from blocks that are usual for pods and nodes.
/// </summary>
internal static class PlaceholderIps
{
    // The same as in the lab.
    private static readonly Cidr[] s_pods = [Cidr.Parse("10.244.0.0/16"), Cidr.Parse("fd00:10:244::/56")];
    private static readonly Cidr[] s_nodes = [Cidr.Parse("100.64.0.0/16"), Cidr.Parse("fd00:100:64::/64")];

    /// <summary>Completes nodes and pods, in the order of names. Nodes that pods only mention are added.</summary>
    /// <returns>The placeholders.</returns>
    public static HashSet<IpAddress> AddTo(ClusterState state)
    {
        var families = Families(state);
        var taken = state
            .Pods.SelectMany(static pod => pod.Addresses)
            .Concat(state.Nodes.Values.SelectMany(static node => node.Addresses))
            .ToHashSet();
        var placeholders = new HashSet<IpAddress>();
        AddNodes(state, families, taken, placeholders);
        AddPods(state, families, taken, placeholders);
        return placeholders;
    }

    /// <summary>
    /// Addresses that a pod to come may have, in the families that pods have: the last of the blocks that pods are
    /// given theirs from.
    /// </summary>
    public static EquatableArray<IpAddress> OfNewPod(ClusterState state)
    {
        var stated = state
            .Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)
            .SelectMany(static node => node.PodCidrs)
            .ToList();
        return IpFamilies
            .All.Where(family => state.Pods.Any(pod => pod.IsEndpoint && pod.AddressOf(family) is not null))
            .Select(family => stated.Concat(s_pods).First(cidr => cidr.Family == family))
            .Select(LastFree)
            .ToEquatableArray();

        IpAddress LastFree(Cidr cidr)
        {
            var address = new IpAddress(cidr.Family, cidr.Last.Value - 1);
            while (state.OwnerOf(address) is not null)
            {
                address = new(cidr.Family, address.Value - 1);
            }

            return address;
        }
    }

    /// <summary>Those of the addresses and pod CIDRs that are stated; both where none is.</summary>
    private static List<IpFamily> Families(ClusterState state)
    {
        var stated = state
            .Pods.SelectMany(static pod => pod.Addresses)
            .Select(static address => address.Family)
            .Concat(state.Nodes.Values.SelectMany(static node => node.PodCidrs).Select(static cidr => cidr.Family))
            .ToHashSet();
        return [.. IpFamilies.All.Where(family => stated.Count == 0 || stated.Contains(family))];
    }

    private static void AddNodes(
        ClusterState state,
        List<IpFamily> families,
        HashSet<IpAddress> taken,
        HashSet<IpAddress> placeholders
    )
    {
        var pools = families
            .Select(family => new Pool([.. s_nodes.Where(cidr => cidr.Family == family)], taken, placeholders))
            .ToList();
        var mentioned = state
            .Pods.Select(static pod => pod.NodeName)
            .OfType<string>()
            .Where(name => !state.Nodes.ContainsKey(name))
            .Distinct();
        foreach (
            var node in state
                .Nodes.Values.Concat(mentioned.Select(static name => new Node { Name = name }))
                .OrderBy(static node => node.Name, StringComparer.Ordinal)
                .ToList()
        )
        {
            state.Upsert(
                node.Addresses.IsEmpty
                    ? node with
                    {
                        Addresses = pools.Select(static pool => pool.Next()).ToEquatableArray(),
                    }
                    : node
            );
        }
    }

    private static void AddPods(
        ClusterState state,
        List<IpFamily> families,
        HashSet<IpAddress> taken,
        HashSet<IpAddress> placeholders
    )
    {
        var stated = state
            .Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)
            .SelectMany(static node => node.PodCidrs)
            .ToList();
        var pools = families
            .Select(family => new Pool(
                [.. stated.Concat(s_pods).Where(cidr => cidr.Family == family)],
                taken,
                placeholders
            ))
            .ToList();
        foreach (
            var pod in state
                .Pods.Where(static pod => pod is { Finished: false, Addresses.IsEmpty: true })
                .OrderBy(static pod => pod.Key)
                .ToList()
        )
        {
            var node = pod is { HostNetwork: true, NodeName: { } name } ? state.Nodes[name] : null;
            state.Upsert(
                pod with
                {
                    Addresses = node?.Addresses ?? pools.Select(static pool => pool.Next()).ToEquatableArray(),
                }
            );
        }
    }

    /// <summary>
    /// Free addresses of some blocks, lowest first. The first one of a block is the node's, as CNI plugins choose it.
    /// </summary>
    private sealed class Pool(List<Cidr> cidrs, HashSet<IpAddress> taken, HashSet<IpAddress> placeholders)
    {
        private int _block;
        private UInt128 _next = 2;

        public IpAddress Next()
        {
            while (true)
            {
                // The last block overflows into the addresses after it: ten thousand pods in one small block are still
                // evaluated.
                var isLast = _block == cidrs.Count - 1;
                var address = new IpAddress(cidrs[_block].Family, cidrs[_block].Network.Value + _next++);
                if (!isLast && address >= cidrs[_block].Last)
                {
                    (_block, _next) = (_block + 1, 2);
                }
                else if (taken.Add(address))
                {
                    placeholders.Add(address);
                    return address;
                }
            }
        }
    }
}
