using Podfence.Rulesets;


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
            if (UnknownPodIpLayout.IsKnown(set) || UnknownPodIpLayout.IsRanges(set))
            {
                continue;
            }

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

    /// <summary>
    /// Takes out the addresses that become unknown, where others or they themselves are taken from behind fences: a packet that comes from one would otherwise be
    /// seen as known and a moment later as without a fence. Not those that are unknown only because their range goes: there the range goes first.
    /// </summary>
    public List<NftOperation> TakeWithdrawal()
    {
        var operations = new List<NftOperation>();
        var releases = _sets.Values.Any(Releases);
        foreach (var (known, gone, _) in _sets.Values.Where(static change => UnknownPodIpLayout.IsKnown(change.Set) && change.Removed.Count > 0).ToList())
        {
            var (ranges, lost, _) = Of(UnknownPodIpLayout.Ranges(known.Family!.Value));
            if (Take(gone, element => !lost.Exists(range => Contains(range, element))) is { Count: > 0 } withdrawn)
            {
                if (releases)
                {
                    operations.Add(new DeleteElements(known, withdrawn));
                }
                else
                {
                    gone.AddRange(withdrawn);
                }
            }

            if (lost.Count > 0)
            {
                operations.Add(new DeleteElements(ranges, Take(lost, static _ => true)));
            }
        }

        return operations;

        static bool Contains(NftElement range, NftElement element) => range.Key.First <= element.Key.First && element.Key.First <= range.Key.Last;
    }

    private static List<NftElement> Take(List<NftElement> from, Predicate<NftElement> which)
    {
        var taken = from.FindAll(which);
        from.RemoveAll(which);
        return taken;
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
        change.Added.Count > 0 && change.Set is not ({ HasVerdicts: true, Key: NftKey.Address } or { Key: NftKey.AddressPair })
        && !UnknownPodIpLayout.IsKnown(change.Set) && !UnknownPodIpLayout.IsRanges(change.Set);

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
