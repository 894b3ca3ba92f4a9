namespace Podfence.Analysis;

/// <summary>
/// Every rule. Numbers are never reused. A new rule is one file, one line here, and its section in docs/guide/lint.md.
/// </summary>
public static class LintRules
{
    /// <summary>In the order of their numbers.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new TwoItemsOrOne(),
        new OneItemOrTwo(),
        new SelectsNoPod(),
        new PeerMatchesNoPod(),
        new UnknownNamespace(),
        new ContradictorySelector(),
        new DnsCutOff(),
        new RulesNotInForce(),
        new PolicyTypesLeftOut(),
        new UndeclaredPortName(),
        new EndPort(),
        new BlockOfPods(),
        new ExceptAllOrNothing(),
        new ExceptUndone(),
        new OneFamily(),
        new AllowsEverything(),
        new ShadowedRule(),
        new DuplicateRule(),
        new RedundantItem(),
        new UnfencedNamespace(),
        new NodesOutOfReach(),
        new HostNetworkPeer(),
        new UnknownIgnore(),
    ];

    /// <summary>The rule of a number or name, in any case; null if there is none.</summary>
    public static LintRule? Find(string text) =>
        All.FirstOrDefault(rule =>
            string.Equals(rule.Id, text, StringComparison.OrdinalIgnoreCase)
            || string.Equals(rule.Name, text, StringComparison.OrdinalIgnoreCase)
        );
}
