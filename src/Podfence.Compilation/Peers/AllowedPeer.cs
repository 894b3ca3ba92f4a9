using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>A peer that is allowed at one place of a fence, and the policies that allow it.</summary>
/// <param name="Set">The peer; null for any peer.</param>
/// <param name="Policies">The policies.</param>
internal sealed record AllowedPeer(SetDefinition? Set, IReadOnlyCollection<PolicyKey> Policies)
{
    public AllowRule ToRule(PortRange? ports = null) =>
        new(
            Set?.Id,
            ports,
            Policies.Count == 1 ? Policies.ToEquatableArray() : Policies.Distinct().Order().ToEquatableArray()
        );

    /// <summary>Each peer once, in a stable order. If any peer is allowed, that one alone.</summary>
    public static List<AllowedPeer> Distinct(IEnumerable<AllowedPeer> peers)
    {
        var distinct = peers
            .GroupBy(static peer => peer.Set?.Id.Name ?? string.Empty)
            .Select(static group => new AllowedPeer(
                group.First().Set,
                [.. group.SelectMany(peer => peer.Policies).Distinct()]
            ))
            .OrderBy(static peer => peer.Set?.Id.Name ?? string.Empty, StringComparer.Ordinal)
            .ToList();
        return distinct is [{ Set: null }, ..] ? [distinct[0]] : distinct;
    }

    /// <summary>
    /// The same peers in at most <paramref name="maxSets"/> sets of each kind: if a kind has more, its sets are united.
    /// </summary>
    public static List<AllowedPeer> Limit(IEnumerable<AllowedPeer> peers, int maxSets)
    {
        var distinct = Distinct(peers);
        if (distinct.Count <= maxSets)
        {
            return distinct;
        }

        var byKind = distinct.GroupBy(static peer => peer.Set!.Id.Kind);
        return Distinct(
            byKind.SelectMany(kind => kind.Count() <= maxSets ? kind : (IEnumerable<AllowedPeer>)[Unite([.. kind])])
        );
    }

    private static AllowedPeer Unite(List<AllowedPeer> peers) =>
        new(
            SetDefinition.Union(peers.ConvertAll(static peer => peer.Set!)),
            [.. peers.SelectMany(static peer => peer.Policies).Distinct()]
        );
}

/// <summary>An allowed peer with the ports on which it is allowed; null for every port of every protocol.</summary>
internal readonly record struct PeerOnPorts(PortRange? Ports, AllowedPeer Peer);
