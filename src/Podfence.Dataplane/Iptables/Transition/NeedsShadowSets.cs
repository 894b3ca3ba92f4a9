using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Finds changes that packets must not see one by one; see <see cref="MakeBeforeBreakPlan"/>. It is conservative: the
/// other plan is exact, and costs more.
/// </summary>
internal static class NeedsShadowSets
{
    /// <summary>Whether steps in order are not enough.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="moves">Addresses that change fences.</param>
    /// <param name="isFenced">
    /// Whether an address of the node has a fence in a direction, before or after the change.
    /// </param>
    public static bool Check(
        RulesetDelta delta,
        IReadOnlyCollection<FenceMove> moves,
        Func<IpAddress, Direction, bool> isFenced
    ) => delta.ChangedSets.Count > 0 && (moves.Count > 0 || BothEnds(delta, isFenced));

    /// <summary>
    /// Sets change for a fenced source and for a fenced destination of this node: one side may start to allow what the
    /// other stops to allow.
    /// </summary>
    private static bool BothEnds(RulesetDelta delta, Func<IpAddress, Direction, bool> isFenced)
    {
        var local = delta
            .ChangedSets.Values.SelectMany(Addresses)
            .Distinct()
            .Where(address => isFenced(address, Direction.Egress) || isFenced(address, Direction.Ingress))
            .ToList();
        return local.Exists(source =>
            isFenced(source, Direction.Egress)
            && local.Exists(destination => destination != source && isFenced(destination, Direction.Ingress))
        );
    }

    private static IEnumerable<IpAddress> Addresses(Delta<SetElement> change) =>
        change.Added.Concat(change.Removed).Select(static element => element.First);
}
