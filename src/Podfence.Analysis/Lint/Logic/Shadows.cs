using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A rule that could be left out.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Twin">An equal rule that stays, or null.</param>
/// <param name="Covers">Of the rules that stay, one that covers a part of it; the only one where one is enough.</param>
/// <param name="IsCoveredByOne">Whether that one is enough.</param>
internal sealed record Shadow(RuleAt Rule, RuleAt? Twin, RuleAt Covers, bool IsCoveredByOne);

/// <summary>
/// Finds rules whose flows others allow for the same pods. All that are found may be left out together: each is covered
/// by rules that stay.
/// Of two that cover each other the first stays, and a policy's own rules are considered before those of others.
/// </summary>
internal static class Shadows
{
    public static IEnumerable<Shadow> Find(LintContext context, string @namespace, Direction direction)
    {
        var policies = context.IsolatingIn(@namespace, direction).ToList();
        var wider = policies.ToDictionary(
            static policy => policy.Key,
            policy =>
                policies
                    .Where(other => SelectorLogic.ImpliesSubject(policy.PodSelector, other.PodSelector))
                    .Select(static other => other.Key)
                    .ToHashSet()
        );
        var staying = policies.SelectMany(policy => RuleAt.Of(policy, direction)).ToList();
        foreach (var rule in staying.AsEnumerable().Reverse().ToList())
        {
            var others = staying
                .Where(other => !ReferenceEquals(other, rule) && wider[rule.Policy.Key].Contains(other.Policy.Key))
                .OrderBy(other => other.Policy.Key != rule.Policy.Key)
                .ToList();
            if (Judge(context, rule, others) is { } shadow)
            {
                staying.RemoveAt(staying.FindLastIndex(item => ReferenceEquals(item, rule)));
                yield return shadow;
            }
        }
    }

    private static Shadow? Judge(LintContext context, RuleAt rule, List<RuleAt> others)
    {
        if (!IsCovered(context, rule, others))
        {
            return null;
        }

        var twin = others.Find(other =>
            IsCovered(context, rule, [other])
            && SelectorLogic.ImpliesSubject(other.Policy.PodSelector, rule.Policy.PodSelector)
            && IsCovered(context, other, [rule])
        );
        if ((twin ?? others.Find(other => IsCovered(context, rule, [other]))) is { } alone)
        {
            return new(rule, twin, alone, IsCoveredByOne: true);
        }

        // As few as needed, so that the rules that are named are related to it.
        var needed = others.ToList();
        foreach (var other in others)
        {
            var rest = needed.Where(item => !ReferenceEquals(item, other)).ToList();
            needed = IsCovered(context, rule, rest) ? rest : needed;
        }

        return new(rule, null, needed[0], IsCoveredByOne: false);
    }

    private static bool IsCovered(LintContext context, RuleAt rule, List<RuleAt> others) =>
        others.Count > 0
        && Items(rule)
            .All(item =>
                RuleLogic.IsAllowed(
                    context,
                    rule.Policy,
                    item.Peer,
                    item.Port,
                    others.Select(static other => other.Rule)
                )
            );

    private static IEnumerable<(PolicyPeer? Peer, PolicyPort? Port)> Items(RuleAt rule) =>
        from peer in rule.Rule.Peers.IsEmpty ? [null] : rule.Rule.Peers.Select(static peer => (PolicyPeer?)peer)
        from port in rule.Rule.Ports.IsEmpty ? [null] : rule.Rule.Ports.Select(static port => (PolicyPort?)port)
        select (peer, port);
}
