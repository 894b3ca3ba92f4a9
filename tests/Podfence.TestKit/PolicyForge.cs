using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>Makes policies in the words of one cluster, reaching every field and leaning to the corners of semantics.md S2, S5, S6 and S8.</summary>
internal sealed class PolicyForge(Dice dice, Forge forge)
{
    public NetworkPolicy NewPolicy(PolicyKey key, bool large = false)
    {
        var (ingress, egress) = dice.Weighted(4, 3, 4) switch
        {
            0 => (true, false),
            1 => (false, true),
            _ => (true, true),
        };
        return new NetworkPolicy
        {
            Key = key,
            PodSelector = forge.PodSelector(),
            IsolatesIngress = ingress,
            IsolatesEgress = egress,

            // Rules of a direction that policyTypes lacks are kept, and mean nothing.
            Ingress = ingress || dice.Percent(20) ? Rules(large) : [],
            Egress = egress || dice.Percent(20) ? Rules(large) : [],
        };
    }

    public PolicyRule NewRule() => new(
        Dice.Many(dice.Weighted(2, 5, 3, 1), NewPeer).ToEquatableArray(),
        Dice.Many(dice.Weighted(4, 4, 2, 1), () => dice.Pick(forge.Words.Ports)).ToEquatableArray());

    /// <summary>As <see cref="NewRule"/>, but never open to everyone, so that a policy of many rules still decides something.</summary>
    private PolicyRule NarrowRule()
    {
        var rule = NewRule();
        return rule.Peers.IsEmpty || rule.Ports.IsEmpty ? rule with { Peers = [NewPeer()], Ports = [dice.Pick(forge.Words.Ports)] } : rule;
    }

    private EquatableArray<PolicyRule> Rules(bool large)
    {
        if (large)
        {
            return Dice.Many(dice.Between(20, 60), NarrowRule).ToEquatableArray();
        }

        var rules = Dice.Many(dice.Weighted(2, 5, 3, 1), NewRule);
        if (rules.Count > 0 && dice.Percent(5))
        {
            rules.Add(rules[0]);
        }

        return rules.ToEquatableArray();
    }

    private PolicyPeer NewPeer() => dice.Weighted(4, 2, 3, 4) switch
    {
        0 => new SelectorPeer(null, forge.PodSelector()),
        1 => new SelectorPeer(forge.NamespaceSelector(), null),
        2 => new SelectorPeer(forge.NamespaceSelector(), forge.PodSelector()),
        _ => dice.Pick(forge.Words.Blocks),
    };
}
