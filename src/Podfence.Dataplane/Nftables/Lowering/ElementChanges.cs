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
