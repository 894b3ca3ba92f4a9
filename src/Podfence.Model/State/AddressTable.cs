namespace Podfence.Model;

/// <summary>Who owns each address. Nearly every address has one claimant, so only contested ones have a list.</summary>
internal sealed class AddressTable
{
    private readonly Dictionary<IpAddress, Pod> _owners = [];
    private readonly Dictionary<IpAddress, List<Pod>> _contested = [];

    /// <summary>The owner of an address, or null.</summary>
    public Pod? OwnerOf(IpAddress address) => _owners.GetValueOrDefault(address);

    /// <summary>
    /// Takes one pod's claims away and enters those of the object that follows it; either may be null, both have the same name.
    /// Returns every address whose owner is another object than before.
    /// </summary>
    public List<(IpAddress Address, Pod? Before, Pod? After)> Move(Pod? before, Pod? after)
    {
        var changes = new List<(IpAddress, Pod?, Pod?)>();
        var withdrawn = before is { IsEndpoint: true } ? before.Addresses : default;
        var claimed = after is { IsEndpoint: true } ? after.Addresses : default;
        foreach (var address in withdrawn)
        {
            var successor = claimed.Contains(address) ? after : null;
            Reassign(address, before, successor, changes);
        }

        foreach (var address in claimed)
        {
            if (!withdrawn.Contains(address))
            {
                Reassign(address, null, after, changes);
            }
        }

        return changes;
    }

    private void Reassign(IpAddress address, Pod? withdrawn, Pod? claimant, List<(IpAddress Address, Pod? Before, Pod? After)> changes)
    {
        var ownerBefore = _owners.GetValueOrDefault(address);
        var claimants = _contested.GetValueOrDefault(address) ?? (ownerBefore is null ? [] : [ownerBefore]);
        if (withdrawn is not null)
        {
            claimants.RemoveAll(pod => pod.Key == withdrawn.Key);
        }

        if (claimant is not null)
        {
            claimants.Add(claimant);
        }

        if (claimants.Count > 1)
        {
            _contested[address] = claimants;
        }
        else
        {
            _contested.Remove(address);
        }

        var ownerAfter = claimants.Count == 0 ? null : claimants.MinBy(static pod => pod, ByRank.Instance);
        if (ownerAfter is null)
        {
            _owners.Remove(address);
        }
        else
        {
            _owners[address] = ownerAfter;
        }

        if (!ReferenceEquals(ownerBefore, ownerAfter))
        {
            changes.Add((address, ownerBefore, ownerAfter));
        }
    }

    /// <summary>Best claim first: not terminating, then younger, then by name so that the answer never depends on the order of arrival.</summary>
    private sealed class ByRank : IComparer<Pod>
    {
        public static readonly ByRank Instance = new();

        public int Compare(Pod? x, Pod? y)
        {
            var byState = x!.Terminating.CompareTo(y!.Terminating);
            var byAge = y.CreatedAt.CompareTo(x.CreatedAt);
            return byState != 0 ? byState : byAge != 0 ? byAge : x.Key.CompareTo(y.Key);
        }
    }
}
