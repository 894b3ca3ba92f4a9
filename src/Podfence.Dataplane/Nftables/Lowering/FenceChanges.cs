using Podfence.Rules;

namespace Podfence.Dataplane.Nftables;

/// <summary>What changed fences mean for chains and port maps.</summary>
internal sealed class FenceChanges
{
    public FenceChanges(IReadOnlyCollection<Change<Fence>> changes)
    {
        foreach (var (before, after) in changes)
        {
            if (before is not null && after is not null
                && (before.Direction != after.Direction || before.Family != after.Family || before.Policies != after.Policies))
            {
                throw new ArgumentException($"fence {after.Name} stands for other policies than before: it needs another name", nameof(changes));
            }

            var old = before is null ? LoweredFence.None : FenceLowering.Lower(before);
            var fresh = after is null ? LoweredFence.None : FenceLowering.Lower(after);
            CompareChains(old.Chains, fresh.Chains);
            CompareMaps(old.Ports, fresh.Ports);
        }
    }

    /// <summary>Chains that were not there.</summary>
    public List<NftChain> AddedChains { get; } = [];

    /// <summary>Chains that stay with other rules.</summary>
    public List<NftChain> ChangedChains { get; } = [];

    /// <summary>Chains that go.</summary>
    public List<NftChain> RemovedChains { get; } = [];

    /// <summary>Port maps that were not there; their elements are in <see cref="Ports"/>.</summary>
    public List<NftSet> AddedMaps { get; } = [];

    /// <summary>Port maps that go; their elements go by <see cref="Ports"/>, since kernels before 6.5 keep their references until the commit.</summary>
    public List<NftSet> RemovedMaps { get; } = [];

    /// <summary>Elements of port maps.</summary>
    public ElementChanges Ports { get; } = new();

    private void CompareChains(IReadOnlyList<NftChain> before, IReadOnlyList<NftChain> after)
    {
        var old = before.ToDictionary(chain => chain.Name);
        foreach (var chain in after)
        {
            if (!old.Remove(chain.Name, out var same))
            {
                AddedChains.Add(chain);
            }
            else if (same.Rules != chain.Rules)
            {
                ChangedChains.Add(chain);
            }
        }

        RemovedChains.AddRange(before.Where(chain => old.ContainsKey(chain.Name)));
    }

    private void CompareMaps(NftSetContent? before, NftSetContent? after)
    {
        if (before?.Set != after?.Set)
        {
            if (after is not null)
            {
                AddedMaps.Add(after.Set);
            }

            if (before is not null)
            {
                RemovedMaps.Add(before.Set);
            }
        }

        Ports.Add(Elements(before), Elements(after));
    }

    private static IEnumerable<(NftSet Set, NftElement Element)> Elements(NftSetContent? map) =>
        map is null ? [] : map.Elements.Select(element => (map.Set, element));
}
