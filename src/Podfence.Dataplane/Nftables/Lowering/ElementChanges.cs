namespace Podfence.Dataplane.Nftables;

/// <summary>Gathers elements that go and come, set by set, without those that stay as they are.</summary>
internal sealed class ElementChanges
{
    private readonly Dictionary<string, (NftSet Set, List<NftElement> Removed, List<NftElement> Added)> _sets = [];

    /// <summary>Notes what something's elements were and what they are to be.</summary>
    public void Add(IEnumerable<(NftSet Set, NftElement Element)> before, IEnumerable<(NftSet Set, NftElement Element)> after)
    {
        var old = before.ToHashSet();
        foreach (var item in after)
        {
            if (!old.Remove(item))
            {
                Of(item.Set).Added.Add(item.Element);
            }
        }

        foreach (var (set, element) in old)
        {
            Of(set).Removed.Add(element);
        }
    }

    /// <summary>Notes elements that are known to go and to come.</summary>
    public void Add(NftSet set, IEnumerable<NftElement> removed, IEnumerable<NftElement> added)
    {
        Of(set).Removed.AddRange(removed);
        Of(set).Added.AddRange(added);
    }

    /// <summary>Writes the operations, removals first, since an element may come back under the same key.</summary>
    public void AppendTo(List<NftOperation> operations)
    {
        foreach (var (set, removed, added) in _sets.Values)
        {
            if (removed.Count > 0)
            {
                operations.Add(new DeleteElements(set, removed));
            }

            if (added.Count > 0)
            {
                operations.Add(new AddElements(set, added));
            }
        }
    }

    /// <summary>
    /// Takes out the elements that put addresses behind fences, where others are taken from behind theirs. Nothing where fences that stay are to allow more:
    /// what the new fences allow is then not complete before all of it is done.
    /// </summary>
    public List<NftOperation> TakeIsolation()
    {
        var dispatch = _sets.Values.Where(static change => change.Set is { HasVerdicts: true, Key: NftKey.Address }).ToList();
        var releases = dispatch.Exists(static change => change.Removed.Select(static element => element.Key).Except(change.Added.Select(static element => element.Key)).Any());
        var allowsMore = _sets.Values.Any(static change => change.Added.Count > 0 && change.Set is not ({ HasVerdicts: true, Key: NftKey.Address } or { Key: NftKey.AddressPair }));
        var operations = new List<NftOperation>();
        if (!releases || allowsMore)
        {
            return operations;
        }

        foreach (var (set, removed, added) in _sets.Values)
        {
            var kept = removed.Select(static element => element.Key).ToHashSet();
            var isolating = added.Where(element => !kept.Contains(element.Key)).ToList();
            if (isolating.Count > 0)
            {
                operations.Add(new AddElements(set, isolating));
                added.RemoveAll(element => !kept.Contains(element.Key));
            }
        }

        return operations;
    }

    private (NftSet Set, List<NftElement> Removed, List<NftElement> Added) Of(NftSet set)
    {
        if (!_sets.TryGetValue(set.Name, out var changes))
        {
            changes = (set, [], []);
            _sets.Add(set.Name, changes);
        }

        return changes;
    }
}
