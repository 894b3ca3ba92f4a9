using Podfence.Rulesets;


namespace Podfence.Compilation;

/// <summary>Settings of a <see cref="NodeCompiler"/>.</summary>
public sealed record CompilerOptions
{
    /// <summary>Settings that shape the rules.</summary>
    public RulesetOptions Ruleset { get; init; } = new();

    /// <summary>
    /// A fence with at most this many alternatives tries them one by one; above it, one lookup by port comes first. 12 by default: a dozen rules cost less than
    /// a microsecond, and a person can read them.
    /// </summary>
    public int MostLinearRules { get; init; } = 12;

    /// <summary>At one place in a fence at most this many sets of a kind are looked up in turn; more are united into one. 6 by default.</summary>
    public int MostSets { get; init; } = 6;
}
