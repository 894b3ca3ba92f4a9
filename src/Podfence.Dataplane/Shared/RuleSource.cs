using Podfence.Rulesets;

namespace Podfence.Dataplane;

/// <summary>Provenance: which part of a ruleset a rule or an element was lowered from.</summary>
/// <param name="Fence">The fence.</param>
/// <param name="Rule">The allow rule, or null for the rule that denies the rest.</param>
/// <param name="Ports">The port range of the branch that the allow rule is in; null for a rule in no branch.</param>
public sealed record RuleSource(Fence Fence, AllowRule? Rule, PortRange? Ports);
