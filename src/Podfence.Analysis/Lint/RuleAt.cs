using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A rule of a policy, and its position.</summary>
internal sealed record RuleAt(NetworkPolicy Policy, Direction Direction, int Index, PolicyRule Rule)
{
    /// <summary><c>spec.ingress[0]</c>.</summary>
    public string Field => $"spec.{Word}[{Index}]";

    /// <summary><c>ingress</c> or <c>egress</c>.</summary>
    public string Word => Direction == Direction.Ingress ? "ingress" : "egress";

    /// <summary><c>from</c> or <c>to</c>.</summary>
    public string PeersName => Direction == Direction.Ingress ? "from" : "to";

    /// <summary>The field of a peer.</summary>
    public string PeerField(int index) => $"{Field}.{PeersName}[{index}]";

    /// <summary>The field of a port.</summary>
    public string PortField(int index) => $"{Field}.ports[{index}]";

    /// <summary>The peers of a type with their places.</summary>
    public IEnumerable<(T Peer, string Field)> Peers<T>()
        where T : PolicyPeer =>
        Rule
            .Peers.Select((peer, index) => (Peer: peer as T, Field: PeerField(index)))
            .Where(static item => item.Peer is not null)
            .Select(static item => (item.Peer!, item.Field));

    /// <summary>Every rule of a policy that is in force.</summary>
    public static IEnumerable<RuleAt> InForce(NetworkPolicy policy) =>
        Of(policy, Direction.Ingress).Concat(Of(policy, Direction.Egress));

    /// <summary>The rules in force of a direction.</summary>
    public static IEnumerable<RuleAt> Of(NetworkPolicy policy, Direction direction) =>
        policy.RulesFor(direction).Select((rule, index) => new RuleAt(policy, direction, index, rule));
}
