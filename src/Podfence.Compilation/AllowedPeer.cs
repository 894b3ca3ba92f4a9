using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>A peer that is allowed at some place of a fence, and the policies that say so.</summary>
/// <param name="Set">The peer; null for anyone.</param>
/// <param name="Policies">The policies.</param>
internal sealed record AllowedPeer(SetDefinition? Set, IReadOnlyCollection<PolicyKey> Policies)
{
    /// <summary>The same as a rule.</summary>
    public AllowRule ToRule(PortSpan? ports = null) => new(Set?.Id, ports, Policies.Count == 1 ? Policies.ToEquatableArray() : Policies.Distinct().Order().ToEquatableArray());

    /// <summary>Every peer once; anyone alone if it is there at all. In a stable order.</summary>
    public static List<AllowedPeer> Distinct(IEnumerable<AllowedPeer> uses)
    {
        var distinct = uses.GroupBy(static use => use.Set?.Id.Name ?? string.Empty)
            .Select(static group => new AllowedPeer(group.First().Set, [.. group.SelectMany(use => use.Policies).Distinct()]))
            .OrderBy(static use => use.Set?.Id.Name ?? string.Empty, StringComparer.Ordinal)
            .ToList();
        return distinct is [{ Set: null }, ..] ? [distinct[0]] : distinct;
    }

    /// <summary>The same peers in few sets: where a kind has more than the limit, its sets are united.</summary>
    public static List<AllowedPeer> Few(IEnumerable<AllowedPeer> uses, int mostSets)
    {
        var distinct = Distinct(uses);
        if (distinct.Count <= mostSets)
        {
            return distinct;
        }

        var few = distinct.GroupBy(static use => use.Set!.Id.Kind)
            .SelectMany(kind => kind.Count() <= mostSets
                ? kind
                : (IEnumerable<AllowedPeer>)[new AllowedPeer(SetDefinition.Union([.. kind.Select(use => use.Set!)]), [.. kind.SelectMany(use => use.Policies).Distinct()])]);
        return Distinct(few);
    }
}
