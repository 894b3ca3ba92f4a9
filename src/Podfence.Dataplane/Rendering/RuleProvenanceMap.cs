using Podfence.Rulesets;


namespace Podfence.Dataplane;

/// <summary>What an object of a packet filter was made of.</summary>
/// <param name="Fence">The fence.</param>
/// <param name="Rule">The alternative of its white list, or null for what refuses the rest.</param>
/// <param name="Ports">The span of ports whose branch the alternative stands in; null outside branches.</param>
public readonly record struct RuleSource(Fence Fence, AllowRule? Rule, PortRange? Ports);

/// <summary>
/// Remembers what rules and elements were made of, while a ruleset is turned into them. Each object is known by itself and not by its content:
/// two policies may well say the same.
/// </summary>
public sealed class RuleProvenanceMap
{
    private readonly Dictionary<object, RuleSource> _sources = new(ReferenceEqualityComparer.Instance);

    /// <summary>What an object was made of; null for what is the same on every node.</summary>
    public RuleSource? Of(object made) => _sources.TryGetValue(made, out var source) ? source : null;

    /// <summary>Remembers one.</summary>
    internal void Add(object made, RuleSource source) => _sources[made] = source;
}
