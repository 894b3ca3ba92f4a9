using Podfence.Base;

namespace Podfence.Model;

/// <summary>
/// The policy lines that an allow rule comes from: one policy rule, with the peers and ports that contribute to it.
/// </summary>
/// <param name="Policy">The policy.</param>
/// <param name="Direction">Which of the two lists of the policy the rule is in.</param>
/// <param name="RuleIndex">The rule's index in that list, from 0.</param>
/// <param name="Peers">Indexes of the peers, from 0; empty if the rule restricts no peer.</param>
/// <param name="Ports">Indexes of the ports, from 0; empty if the rule restricts no port.</param>
public sealed record RuleOrigin(
    NetworkPolicy Policy,
    Direction Direction,
    int RuleIndex,
    EquatableArray<int> Peers,
    EquatableArray<int> Ports
)
{
    /// <summary>The policy rule.</summary>
    public PolicyRule Rule => Policy.RulesFor(Direction)[RuleIndex];
}
