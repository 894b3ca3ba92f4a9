using System.Globalization;
using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>What a set contains: the endpoints of one or more leaves, or fixed ranges of addresses.</summary>
internal sealed class SetDefinition
{
    private SetDefinition(SetId id, IReadOnlyList<ElementSource> leaves, EquatableArray<IpRange> ranges)
    {
        Id = id;
        Leaves = leaves;
        Ranges = ranges;
    }

    /// <summary>The set's identity; it follows from the content's definition.</summary>
    public SetId Id { get; }

    /// <summary>Sources of elements, sorted by identity; empty for ranges.</summary>
    public IReadOnlyList<ElementSource> Leaves { get; }

    /// <summary>The elements of a set of ranges.</summary>
    public EquatableArray<IpRange> Ranges { get; }

    /// <summary>The set of one leaf.</summary>
    public static SetDefinition Of(ElementSource leaf, IpFamily family) =>
        new(leaf.SetNaming.In(family), [leaf], default);

    /// <summary>The set of fixed ranges.</summary>
    public static SetDefinition Of(EquatableArray<IpRange> ranges, IpFamily family)
    {
        var description = ranges.Count <= 4 ? string.Join(' ', ranges) : $"{ranges[0]} and {ranges.Count - 1} more ranges";
        return new(new SetNaming("cidr", SetKind.Ranges, string.Join(' ', ranges), description).In(family), [], ranges);
    }

    /// <summary>One set in place of several of the same kind and family.</summary>
    public static SetDefinition Union(IReadOnlyCollection<SetDefinition> sets)
    {
        var first = sets.First();
        if (sets.Count == 1)
        {
            return first;
        }

        if (first.Id.Kind == SetKind.Ranges)
        {
            return Of(AddressRanges.Union(sets.Select(set => set.Ranges), first.Id.Family), first.Id.Family);
        }

        return Of(sets.SelectMany(set => set.Leaves), first.Id.Family);
    }

    /// <summary>The set that all of the leaves feed.</summary>
    public static SetDefinition Of(IEnumerable<ElementSource> leaves, IpFamily family)
    {
        var sorted = leaves.Distinct().OrderBy(static leaf => leaf.Identity, StringComparer.Ordinal).ToList();
        if (sorted.Count == 1)
        {
            return Of(sorted[0], family);
        }

        var identity = string.Join('|', sorted.Select(static leaf => string.Create(CultureInfo.InvariantCulture, $"{leaf.Identity.Length}:{leaf.Identity}")));
        var prefix = sorted[0].Kind == SetKind.Addresses ? "pods-of-any" : "ports-of-any";
        return new(new SetNaming(prefix, sorted[0].Kind, identity, $"{sorted.Count} peers, {sorted[0]} first").In(family), sorted, default);
    }
}
