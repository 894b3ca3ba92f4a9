namespace Podfence.Model;

/// <summary>
/// The owner of each address. Nearly every address has one claimant, so only contested addresses have a list.
/// </summary>
internal sealed class AddressTable
{
    private readonly Dictionary<IpAddress, Pod> _owners = [];
    private readonly Dictionary<IpAddress, List<Pod>> _contested = [];

    /// <summary>The owner of an address, or null.</summary>
    public Pod? OwnerOf(IpAddress address) => _owners.GetValueOrDefault(address);

    /// <summary>
    /// Replaces a pod's claims by those of its next version; either may be null, both have the same name.
    /// Returns every address whose owner is now a different object.
    /// </summary>
    public List<OwnerChange> Move(Pod? before, Pod? after)
    {
        var changes = new List<OwnerChange>();
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

    private void Reassign(IpAddress address, Pod? withdrawn, Pod? claimant, List<OwnerChange> changes)
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
            changes.Add(new(address, ownerBefore, ownerAfter));
        }
    }

    /// <summary>
    /// Best claim first: not terminating, then younger, then by name so that the result does not depend on the order of
    /// arrival.
    /// </summary>
    private sealed class ByRank : IComparer<Pod>
    {
        public static readonly ByRank Instance = new();

        public int Compare(Pod? x, Pod? y)
        {
            var byState = x!.Terminating.CompareTo(y!.Terminating);
            var byAge = y.CreatedAt.CompareTo(x.CreatedAt);
            return byState != 0 ? byState
                : byAge != 0 ? byAge
                : x.Key.CompareTo(y.Key);
        }
    }
}

/// <summary>An address whose owner is now a different object.</summary>
internal readonly record struct OwnerChange(IpAddress Address, Pod? Before, Pod? After);
