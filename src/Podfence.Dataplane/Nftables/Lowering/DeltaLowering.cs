using Podfence.Rules;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Turns a change of the ruleset into the smallest transaction: chains whose rules stay are not touched, nor are sets and elements that stay.
/// The order satisfies the kernel, which checks references after each step: first what is new, from the leaves up to the dispatch, then what goes, from the dispatch down.
/// </summary>
public static class DeltaLowering
{
    /// <summary>The transaction; empty for an empty delta.</summary>
    /// <exception cref="ArgumentException">A fence keeps its name but changes what the name stands for: direction, family or isolating policies.</exception>
    public static IReadOnlyList<NftOperation> Lower(RulesetDelta delta)
    {
        var fences = new FenceChanges(delta.Fences);
        var endpoints = new ElementChanges();
        foreach (var (address, change) in delta.Endpoints)
        {
            endpoints.Add(EndpointLowering.Lower(address, change.Before), EndpointLowering.Lower(address, change.After));
        }

        var operations = new List<NftOperation>();
        AddSets(operations, delta, fences);
        operations.AddRange(fences.AddedChains.Select(chain => new AddChain(chain)));
        foreach (var chain in fences.AddedChains)
        {
            operations.Add(new AddRules(chain.Name, chain.Rules));
        }

        foreach (var chain in fences.ChangedChains)
        {
            operations.Add(new FlushChain(chain.Name));
            operations.Add(new AddRules(chain.Name, chain.Rules));
        }

        // A key that stays with another verdict goes and comes back: packets see one or the other, never neither.
        fences.Ports.AppendTo(operations);
        endpoints.AppendTo(operations);
        operations.AddRange(fences.RemovedChains.Select(chain => new FlushChain(chain.Name)));
        operations.AddRange(fences.RemovedChains.Select(chain => new DeleteChain(chain.Name)));
        RemoveSets(operations, delta, fences);
        return operations;
    }

    private static void AddSets(List<NftOperation> operations, RulesetDelta delta, FenceChanges fences)
    {
        foreach (var (id, elements) in delta.AddedSets)
        {
            var set = TableLayout.Set(id);
            operations.Add(new AddSet(set));
            AddElements(operations, set, elements);
        }

        operations.AddRange(fences.AddedMaps.Select(map => new AddSet(map)));
        foreach (var (id, change) in delta.ChangedSets)
        {
            AddElements(operations, TableLayout.Set(id), change.Added);
        }
    }

    private static void RemoveSets(List<NftOperation> operations, RulesetDelta delta, FenceChanges fences)
    {
        foreach (var (id, change) in delta.ChangedSets)
        {
            if (change.Removed.Count > 0)
            {
                operations.Add(new DeleteElements(TableLayout.Set(id), RulesetLowering.Elements(change.Removed)));
            }
        }

        operations.AddRange(fences.RemovedMaps.Select(map => new DeleteSet(map.Name)));
        operations.AddRange(delta.RemovedSets.Select(id => new DeleteSet(id.Name)));
    }

    private static void AddElements(List<NftOperation> operations, NftSet set, IReadOnlyCollection<SetElement> elements)
    {
        if (elements.Count > 0)
        {
            operations.Add(new AddElements(set, RulesetLowering.Elements(elements)));
        }
    }
}
