using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>A policy's rules, prepared once for all fences that the policy takes part in.</summary>
internal sealed class CompiledPolicy
{
    private readonly CompiledRule[] _ingress;
    private readonly CompiledRule[] _egress;

    /// <param name="policy">The policy.</param>
    /// <param name="maxSets">If the peers of one rule need more sets than this, they are united.</param>
    public CompiledPolicy(NetworkPolicy policy, int maxSets)
    {
        Key = policy.Key;
        _ingress = Prepare(policy.RulesFor(Direction.Ingress));
        _egress = Prepare(policy.RulesFor(Direction.Egress));

        CompiledRule[] Prepare(EquatableArray<PolicyRule> rules)
        {
            var prepared = new CompiledRule[rules.Count];
            for (var i = 0; i < prepared.Length; i++)
            {
                prepared[i] = new CompiledRule(rules[i], policy.Key.Namespace, maxSets);
            }

            return prepared;
        }
    }

    public PolicyKey Key { get; }

    /// <summary>The rules in force for a direction.</summary>
    public IReadOnlyList<CompiledRule> Rules(Direction direction) =>
        direction == Direction.Ingress ? _ingress : _egress;
}
