using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>Settings of a <see cref="NodeCompiler"/>.</summary>
public sealed record CompilerOptions
{
    /// <summary>Settings that shape the rules.</summary>
    public RulesetOptions Ruleset { get; init; } = new();

    /// <summary>
    /// A fence with at most this many allow rules tries them one by one; with more, one lookup by port comes first.
    /// Default: 12. A dozen rules cost less than a microsecond and are easy to read.
    /// </summary>
    public int MaxLinearRules { get; init; } = 12;

    /// <summary>
    /// At most this many sets of one kind are looked up one after another at one place of a fence; more are united into
    /// one set. Default: 6.
    /// </summary>
    public int MaxSetsPerLookup { get; init; } = 6;
}
