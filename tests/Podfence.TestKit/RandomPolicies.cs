using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// Creates random policies with the names of one cluster. They cover every field and prefer the corner cases of
/// semantics.md S2, S5, S6 and S8.
/// </summary>
internal sealed class RandomPolicies(Rng rng, ObjectBuilder builder)
{
    public NetworkPolicy NewPolicy(PolicyKey key, bool large = false)
    {
        var (ingress, egress) = rng.Weighted(4, 3, 4) switch
        {
            0 => (true, false),
            1 => (false, true),
            _ => (true, true),
        };
        return new NetworkPolicy
        {
            Key = key,
            PodSelector = builder.PodSelector(),
            IsolatesIngress = ingress,
            IsolatesEgress = egress,

            // Rules of a direction that policyTypes lacks are kept and have no effect.
            Ingress = ingress || rng.Percent(20) ? Rules(large) : [],
            Egress = egress || rng.Percent(20) ? Rules(large) : [],
        };
    }

    public PolicyRule NewRule() =>
        new(
            Rng.Many(rng.Weighted(2, 5, 3, 1), NewPeer).ToEquatableArray(),
            Rng.Many(rng.Weighted(4, 4, 2, 1), () => rng.Pick(builder.Names.Ports)).ToEquatableArray()
        );

    /// <summary>
    /// As <see cref="NewRule"/>, but never for any peer on every port, so that a policy of many rules still denies
    /// something.
    /// </summary>
    private PolicyRule NarrowRule()
    {
        var rule = NewRule();
        return rule.Peers.IsEmpty || rule.Ports.IsEmpty
            ? rule with
            {
                Peers = [NewPeer()],
                Ports = [rng.Pick(builder.Names.Ports)],
            }
            : rule;
    }

    private EquatableArray<PolicyRule> Rules(bool large)
    {
        if (large)
        {
            return Rng.Many(rng.Between(20, 60), NarrowRule).ToEquatableArray();
        }

        var rules = Rng.Many(rng.Weighted(2, 5, 3, 1), NewRule);
        if (rules.Count > 0 && rng.Percent(5))
        {
            rules.Add(rules[0]);
        }

        return rules.ToEquatableArray();
    }

    private PolicyPeer NewPeer() =>
        rng.Weighted(4, 2, 3, 4) switch
        {
            0 => new SelectorPeer(null, builder.PodSelector()),
            1 => new SelectorPeer(builder.NamespaceSelector(), null),
            2 => new SelectorPeer(builder.NamespaceSelector(), builder.PodSelector()),
            _ => rng.Pick(builder.Names.Blocks),
        };
}
