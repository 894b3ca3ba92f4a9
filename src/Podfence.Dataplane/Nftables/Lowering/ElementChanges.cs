using Podfence.Rules;

namespace Podfence.Dataplane.Nftables;

/// <summary>Gathers elements that go and come, set by set, without those that stay as they are.</summary>
internal sealed class ElementChanges
{
    private readonly Dictionary<string, (NftSet Set, List<NftElement> Removed, List<NftElement> Added)> _sets = [];

    /// <summary>Notes what something's elements were and what they are to be.</summary>
    public void Add(IEnumerable<(NftSet Set, NftElement Element)> before, IEnumerable<(NftSet Set, NftElement Element)> after)
    {
        IReadOnlyCollection<(NftSet Set, NftElement Element)> gone = [.. before];
        if (gone.Count == 0)
        {
            foreach (var (set, element) in after)
            {
                Of(set).Added.Add(element);
            }

            return;
        }

        var old = gone.ToHashSet();
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
    /// Takes out the elements that put addresses behind fences, where others are taken from behind theirs or the fences are new. Nothing where fences that stay
    /// are to allow more: what the new fences allow is then not complete before all of it is done.
    /// </summary>
    /// <param name="newFences">Whether there are fences to be made at the same time.</param>
    public List<NftOperation> TakeIsolation(bool newFences)
    {
        var operations = new List<NftOperation>();
        if (!(newFences || _sets.Values.Any(Releases)) || _sets.Values.Any(AllowsMore))
        {
            return operations;
        }

        foreach (var (set, removed, added) in _sets.Values)
        {
            var kept = KeysOf(removed);
            var isolating = added.FindAll(element => !kept.Contains(element.Key));
            if (isolating.Count > 0)
            {
                operations.Add(new AddElements(set, isolating));
                added.RemoveAll(element => !kept.Contains(element.Key));
            }
        }

        return operations;
    }

    private static bool Releases((NftSet Set, List<NftElement> Removed, List<NftElement> Added) change)
    {
        if (change.Removed.Count == 0 || change.Set is not { HasVerdicts: true, Key: NftKey.Address })
        {
            return false;
        }

        var kept = KeysOf(change.Added);
        return change.Removed.Exists(element => !kept.Contains(element.Key));
    }

    private static bool AllowsMore((NftSet Set, List<NftElement> Removed, List<NftElement> Added) change) =>
        change.Added.Count > 0 && change.Set is not ({ HasVerdicts: true, Key: NftKey.Address } or { Key: NftKey.AddressPair });

    private static HashSet<SetElement> KeysOf(List<NftElement> elements)
    {
        var keys = new HashSet<SetElement>(elements.Count);
        foreach (var element in elements)
        {
            keys.Add(element.Key);
        }

        return keys;
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
