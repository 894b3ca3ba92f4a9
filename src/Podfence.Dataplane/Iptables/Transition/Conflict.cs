using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Dataplane.Iptables;

/// <summary>Finds changes that packets must not see one by one; see <see cref="StrictPlan"/>. When in doubt it finds one: the other way is exact, and dearer.</summary>
internal static class Conflict
{
    /// <summary>Whether steps in order will not do.</summary>
    /// <param name="delta">The change.</param>
    /// <param name="moves">Addresses that change fences in a direction, with the fences before and after.</param>
    /// <param name="isFenced">Whether an address of the node is or will be behind a fence of a direction.</param>
    public static bool Exists(RulesetDelta delta, IEnumerable<(IpAddress Address, Fence? Before, Fence? After)> moves, Func<IpAddress, Direction, bool> isFenced) =>
        delta.ChangedSets.Count > 0 && (FenceAndItsSets(delta, moves) || BothEnds(delta, isFenced));

    /// <summary>An address changes fences, and a set of one of them gets or loses another address at the same time.</summary>
    private static bool FenceAndItsSets(RulesetDelta delta, IEnumerable<(IpAddress Address, Fence? Before, Fence? After)> moves)
    {
        var changing = new Dictionary<string, List<IpAddress>>();
        return moves.Any(move => Others(move.Before, move.Address) || Others(move.After, move.Address));

        bool Others(Fence? fence, IpAddress self)
        {
            if (fence is null)
            {
                return false;
            }

            if (!changing.TryGetValue(fence.Name, out var addresses))
            {
                // Two are enough to know that there is another than any one.
                changing[fence.Name] = addresses = [.. Peers(fence).SelectMany(peer => delta.ChangedSets.GetValueOrDefault(peer) is { } change ? Addresses(change) : []).Distinct().Take(2)];
            }

            return addresses.Any(address => address != self);
        }
    }

    /// <summary>Sets change for a fenced source and for a fenced destination of this node: what one side begins to allow the other may cease to.</summary>
    private static bool BothEnds(RulesetDelta delta, Func<IpAddress, Direction, bool> isFenced)
    {
        var local = delta.ChangedSets.Values.SelectMany(Addresses).Distinct().Where(address => isFenced(address, Direction.Egress) || isFenced(address, Direction.Ingress)).ToList();
        return local.Exists(source => isFenced(source, Direction.Egress) && local.Exists(destination => destination != source && isFenced(destination, Direction.Ingress)));
    }

    private static IEnumerable<SetId> Peers(Fence fence) =>
        fence.Rules.Concat(fence.Branches.SelectMany(static branch => branch.Rules)).Select(static rule => rule.Peer).OfType<SetId>();

    private static IEnumerable<IpAddress> Addresses(ElementDelta change) => change.Added.Concat(change.Removed).Select(static element => element.First);
}
