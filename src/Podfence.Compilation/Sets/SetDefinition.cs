using System.Globalization;
using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>What a set contains: the endpoints of one or more sources, or fixed ranges of addresses.</summary>
internal sealed class SetDefinition
{
    private const int MaxDescribedRanges = 4;

    private SetDefinition(SetId id, IReadOnlyList<ElementSource> sources, EquatableArray<IpRange> ranges)
    {
        Id = id;
        Sources = sources;
        Ranges = ranges;
    }

    /// <summary>The set's identity; it depends on the definition alone.</summary>
    public SetId Id { get; }

    /// <summary>The sources of elements, sorted by identity; empty for ranges.</summary>
    public IReadOnlyList<ElementSource> Sources { get; }

    /// <summary>The elements of a set of ranges.</summary>
    public EquatableArray<IpRange> Ranges { get; }

    public static SetDefinition OfSource(ElementSource source, IpFamily family) =>
        new(source.Naming.In(family), [source], default);

    /// <summary>The set of all elements of the sources, which are of one kind.</summary>
    public static SetDefinition OfSources(IEnumerable<ElementSource> sources, IpFamily family)
    {
        var sorted = sources.Distinct().OrderBy(static source => source.Identity, StringComparer.Ordinal).ToList();
        if (sorted.Count == 1)
        {
            return OfSource(sorted[0], family);
        }

        var identity = string.Join(
            '|',
            sorted.Select(static source =>
                string.Create(CultureInfo.InvariantCulture, $"{source.Identity.Length}:{source.Identity}")
            )
        );
        var prefix = sorted[0].Kind == SetKind.Addresses ? "pods-of-any" : "ports-of-any";
        var description = $"{sorted.Count} peers, {sorted[0]} first";
        return new(new SetNaming(prefix, sorted[0].Kind, identity, description).In(family), sorted, default);
    }

    public static SetDefinition OfRanges(EquatableArray<IpRange> ranges, IpFamily family)
    {
        var description =
            ranges.Count <= MaxDescribedRanges
                ? string.Join(' ', ranges)
                : $"{ranges[0]} and {ranges.Count - 1} more ranges";
        return new(new SetNaming("cidr", SetKind.Ranges, string.Join(' ', ranges), description).In(family), [], ranges);
    }

    /// <summary>One set instead of several of the same kind and family.</summary>
    public static SetDefinition Union(IReadOnlyCollection<SetDefinition> sets)
    {
        var first = sets.First();
        if (sets.Count == 1)
        {
            return first;
        }

        return first.Id.Kind == SetKind.Ranges
            ? OfRanges(AddressRanges.Union(sets.Select(static set => set.Ranges), first.Id.Family), first.Id.Family)
            : OfSources(sets.SelectMany(static set => set.Sources), first.Id.Family);
    }
}
