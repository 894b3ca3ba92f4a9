using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>The result of matching one rule against one flow. A rule matches if its peers and its ports do.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Direction">Which of its two lists the rule is in.</param>
/// <param name="RuleIndex">The rule's index in the list, from 0.</param>
/// <param name="Peer">Which peer matches.</param>
/// <param name="Port">Which port matches.</param>
public sealed record RuleResult(
    NetworkPolicy Policy,
    Direction Direction,
    int RuleIndex,
    ItemMatch Peer,
    ItemMatch Port
)
{
    /// <summary>Whether the rule allows the flow.</summary>
    public bool Matches => Peer.Found && Port.Found;

    /// <summary>The rule.</summary>
    public PolicyRule Rule => (Direction == Direction.Ingress ? Policy.Ingress : Policy.Egress)[RuleIndex];

    /// <summary>The rule's field, as the API server writes paths: <c>spec.ingress[0]</c>.</summary>
    public string Field => $"spec.{(Direction == Direction.Ingress ? "ingress" : "egress")}[{RuleIndex}]";

    /// <summary>
    /// The matching peer's field, <c>spec.ingress[0].from[2]</c>; the rule's field if the rule restricts no peer or no
    /// peer matches.
    /// </summary>
    public string PeerField =>
        Peer.Index is { } index ? $"{Field}.{(Direction == Direction.Ingress ? "from" : "to")}[{index}]" : Field;

    /// <summary>
    /// The matching port's field, <c>spec.ingress[0].ports[1]</c>; the rule's field if the rule restricts no port or no
    /// port matches.
    /// </summary>
    public string PortField => Port.Index is { } index ? $"{Field}.ports[{index}]" : Field;

    /// <summary>The line of the matching peer, otherwise of the rule, otherwise of the policy.</summary>
    public SourceLocation Location
    {
        get
        {
            var peerLine = Peer.Index is { } index ? Rule.Peers[index].Line : 0;
            var line =
                peerLine > 0 ? peerLine
                : Rule.Line > 0 ? Rule.Line
                : Policy.Location.Line;
            return Policy.Location with { Line = line };
        }
    }
}

/// <summary>Whether a list of peers or ports matches, and which item does.</summary>
/// <param name="Found">Whether it matches.</param>
/// <param name="Index">
/// The first item that matches; null if none does, or if the list is empty, which matches everything.
/// </param>
public readonly record struct ItemMatch(bool Found, int? Index)
{
    /// <summary>The list is empty and restricts nothing.</summary>
    public static ItemMatch Unrestricted => new(true, null);

    /// <summary>No item matches.</summary>
    public static ItemMatch None => default;

    /// <summary>An item matches.</summary>
    public static ItemMatch At(int index) => new(true, index);
}
