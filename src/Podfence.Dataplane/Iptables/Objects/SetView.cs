namespace Podfence.Dataplane.Iptables;

/// <summary>How rules see sets: as they are, or as they will be.</summary>
public sealed class SetView
{
    private readonly Dictionary<string, IptSetChange> _changes;

    /// <summary>Sets as they are.</summary>
    public static SetView Plain { get; } = new([]);

    /// <summary>
    /// Sets as they will be after some changes, for which the sets of added and removed elements have been created.
    /// </summary>
    public SetView(IEnumerable<IptSetChange> changes) =>
        _changes = changes.ToDictionary(static change => change.Set.Name);

    /// <summary>How a set is about to change; null where it is not.</summary>
    public IptSetChange? Find(string set) => _changes.GetValueOrDefault(set);
}
