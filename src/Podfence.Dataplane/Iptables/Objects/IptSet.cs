using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Types of sets.</summary>
public enum IptSetType : byte
{
    /// <summary><c>hash:ip</c></summary>
    Addresses,

    /// <summary><c>hash:ip</c> whose elements have comments: the pods.</summary>
    Pods,

    /// <summary><c>hash:net</c></summary>
    Blocks,

    /// <summary><c>hash:ip,port</c></summary>
    Endpoints,
}

/// <summary>An ipset.</summary>
/// <param name="Name">At most 31 letters.</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Family">The family of its elements.</param>
public sealed record IptSet(string Name, IptSetType Type, IpFamily Family)
{
    /// <summary>Type and family as <c>ipset save</c> prints them, without sizes.</summary>
    public string Header => $"{TypeName} family {FamilyName}{(Type == IptSetType.Pods ? " comment" : "")}";

    /// <summary>
    /// Whether the set is used only by the dispatch. An extra address in it costs a packet some steps and changes no
    /// verdict, so such a set may grow early and shrink late.
    /// </summary>
    public bool IsDispatchOnly => IptNames.IsDispatchSet(Name);

    private string FamilyName => Family == IpFamily.IPv4 ? "inet" : "inet6";

    private string TypeName =>
        Type switch
        {
            IptSetType.Blocks => "hash:net",
            IptSetType.Endpoints => "hash:ip,port",
            _ => "hash:ip",
        };
}

/// <summary>An element of a set, as ipset prints it.</summary>
/// <param name="Key">Address, block, or address and port.</param>
/// <param name="Comment">For people; null where the set has none.</param>
public readonly record struct IptElement(string Key, string? Comment = null) : IComparable<IptElement>
{
    /// <inheritdoc/>
    public int CompareTo(IptElement other) => string.CompareOrdinal(Key, other.Key);

    /// <summary>As ipset reads it.</summary>
    public override string ToString() => Comment is null ? Key : $"{Key} comment \"{Comment}\"";
}

/// <summary>A set with its elements, each of them once.</summary>
public sealed record IptSetContent(IptSet Set, IReadOnlyCollection<IptElement> Elements);

/// <summary>Elements to add to and remove from a set that stays.</summary>
/// <param name="Set">The set.</param>
/// <param name="Added">Not in the set before, or with another comment.</param>
/// <param name="Removed">In the set before, and not under the same key afterwards.</param>
public sealed record IptSetChange(
    IptSet Set,
    IReadOnlyCollection<IptElement> Added,
    IReadOnlyCollection<IptElement> Removed
)
{
    /// <summary>
    /// Whether the second pair of names is used for the shadow sets, because rules that an interrupted change left
    /// still match the first.
    /// </summary>
    public bool Alternate { get; init; }

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => Added.Count + Removed.Count == 0;

    /// <summary>The shadow set of elements to add.</summary>
    public IptSet AddedSet => Set with { Name = IptNames.Added(Set.Name, Alternate) };

    /// <summary>The shadow set of elements to remove.</summary>
    public IptSet RemovedSet => Set with { Name = IptNames.Removed(Set.Name, Alternate) };

    /// <summary>The change from some elements to others.</summary>
    public static IptSetChange Between(
        IptSet set,
        IReadOnlyCollection<IptElement> before,
        IReadOnlyCollection<IptElement> after
    )
    {
        var old = before.ToDictionary(static element => element.Key);
        var added = new List<IptElement>();
        foreach (var element in after)
        {
            if (!old.Remove(element.Key, out var same) || same.Comment != element.Comment)
            {
                added.Add(element);
            }
        }

        return new IptSetChange(set, added, old.Values);
    }
}
