using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Collects elements to remove and to add, set by set, without those that stay as they are.</summary>
internal sealed class ElementChanges
{
    private readonly Dictionary<string, SetChange> _sets = [];

    /// <summary>Records elements before and after.</summary>
    public void Add(IEnumerable<SetMember> before, IEnumerable<SetMember> after)
    {
        IReadOnlyCollection<SetMember> gone = [.. before];
        if (gone.Count == 0)
        {
            foreach (var (set, element) in after)
            {
                ChangeOf(set).Added.Add(element);
            }

            return;
        }

        var old = gone.ToHashSet();
        foreach (var member in after)
        {
            if (!old.Remove(member))
            {
                ChangeOf(member.Set).Added.Add(member.Element);
            }
        }

        foreach (var (set, element) in old)
        {
            ChangeOf(set).Removed.Add(element);
        }
    }

    /// <summary>Records elements that are known to differ.</summary>
    public void Add(NftSet set, IEnumerable<NftElement> removed, IEnumerable<NftElement> added)
    {
        var change = ChangeOf(set);
        change.Removed.AddRange(removed);
        change.Added.AddRange(added);
    }

    /// <summary>
    /// Appends the operations, removals first, since an element may be added again under the same key.
    /// </summary>
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
    /// Splits off the elements that attach fences to addresses, where other addresses lose theirs or the fences are
    /// new. Nothing where existing fences are to allow more: what the new fences allow is then incomplete until all is
    /// done.
    /// </summary>
    /// <param name="newFences">Whether fences are created at the same time.</param>
    public List<NftOperation> SplitIsolation(bool newFences)
    {
        var operations = new List<NftOperation>();
        if (!(newFences || _sets.Values.Any(Releases)) || _sets.Values.Any(AllowsMore))
        {
            return operations;
        }

        foreach (var (set, removed, added) in _sets.Values)
        {
            if (UnknownPodIpLayout.Contains(set))
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
    /// Splits off the pod IPs that become unknown, where they or others lose their fences: a packet from one would
    /// otherwise be seen as known and a moment later as unfenced. Not those that are unknown only because their range
    /// is removed: there the range is removed first.
    /// </summary>
    public List<NftOperation> SplitWithdrawal()
    {
        var operations = new List<NftOperation>();
        var releases = _sets.Values.Any(Releases);
        var unknown = _sets
            .Values.Where(static change => UnknownPodIpLayout.IsKnown(change.Set) && change.Removed.Count > 0)
            .ToList();
        foreach (var (known, gone, _) in unknown)
        {
            var (ranges, lost, _) = ChangeOf(UnknownPodIpLayout.Ranges(known.Family!.Value));
            if (Split(gone, element => !lost.Exists(range => Contains(range, element))) is { Count: > 0 } withdrawn)
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
                operations.Add(new DeleteElements(ranges, Split(lost, static _ => true)));
            }
        }

        return operations;

        static bool Contains(NftElement range, NftElement element) =>
            range.Key.First <= element.Key.First && element.Key.First <= range.Key.Last;
    }

    private static List<NftElement> Split(List<NftElement> elements, Predicate<NftElement> which)
    {
        var split = elements.FindAll(which);
        elements.RemoveAll(which);
        return split;
    }

    // Some address is no longer attached to a fence.
    private static bool Releases(SetChange change)
    {
        if (change.Removed.Count == 0 || change.Set is not { HasVerdicts: true, Key: NftKey.Address })
        {
            return false;
        }

        var kept = KeysOf(change.Added);
        return change.Removed.Exists(element => !kept.Contains(element.Key));
    }

    private static bool AllowsMore(SetChange change) =>
        change.Added.Count > 0
        && change.Set is not ({ HasVerdicts: true, Key: NftKey.Address } or { Key: NftKey.AddressPair })
        && !UnknownPodIpLayout.Contains(change.Set);

    private static HashSet<SetElement> KeysOf(List<NftElement> elements)
    {
        var keys = new HashSet<SetElement>(elements.Count);
        foreach (var element in elements)
        {
            keys.Add(element.Key);
        }

        return keys;
    }

    private SetChange ChangeOf(NftSet set)
    {
        if (!_sets.TryGetValue(set.Name, out var change))
        {
            change = new SetChange(set, [], []);
            _sets.Add(set.Name, change);
        }

        return change;
    }

    private sealed record SetChange(NftSet Set, List<NftElement> Removed, List<NftElement> Added);
}
