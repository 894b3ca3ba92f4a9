using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>Finds changes that packets must not see one by one; see <see cref="MakeBeforeBreakPlan"/>. When in doubt it finds one: the other way is exact, and dearer.</summary>
internal static class NeedsShadowSets
{
    /// <summary>Whether steps in order will not do.</summary>
    /// <param name="delta">The change.</param>
    /// <param name="moves">Addresses that change fences in a direction, with the fences before and after.</param>
    /// <param name="isFenced">Whether an address of the node is or will be behind a fence of a direction.</param>
    public static bool Exists(RulesetDelta delta, IEnumerable<(IpAddress Address, Fence? Before, Fence? After)> moves, Func<IpAddress, Direction, bool> isFenced) =>
        delta.ChangedSets.Count > 0 && (moves.Any() || BothEnds(delta, isFenced));

    /// <summary>Sets change for a fenced source and for a fenced destination of this node: what one side begins to allow the other may cease to.</summary>
    private static bool BothEnds(RulesetDelta delta, Func<IpAddress, Direction, bool> isFenced)
    {
        var local = delta.ChangedSets.Values.SelectMany(Addresses).Distinct().Where(address => isFenced(address, Direction.Egress) || isFenced(address, Direction.Ingress)).ToList();
        return local.Exists(source => isFenced(source, Direction.Egress) && local.Exists(destination => destination != source && isFenced(destination, Direction.Ingress)));
    }

    private static IEnumerable<IpAddress> Addresses(Delta<SetElement> change) => change.Added.Concat(change.Removed).Select(static element => element.First);
}
