using Podfence.Base;
using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>
/// What one node's kernel must enforce, for any dataplane: a pure function of the cluster's state, the node's name and
/// the options. Sets are enumerated on demand, so a node does not keep a second copy of the cluster's addresses.
/// </summary>
public sealed record Ruleset
{
    /// <summary>Settings that shape the rules.</summary>
    public required RulesetOptions Options { get; init; }

    /// <summary>
    /// Every set that a fence refers to, with its elements, in no particular order and without duplicates.
    /// </summary>
    public required IReadOnlyDictionary<SetId, IEnumerable<SetElement>> Sets { get; init; }

    /// <summary>Fences by name.</summary>
    public required IReadOnlyDictionary<string, Fence> Fences { get; init; }

    /// <summary>Fenced addresses of this node's pods.</summary>
    public required IReadOnlyDictionary<IpAddress, FencedEndpoint> Endpoints { get; init; }

    /// <summary>
    /// If unknown pod IPs are denied: the ranges that this node's pods get their addresses from, disjoint, in order.
    /// Otherwise empty.
    /// </summary>
    public EquatableArray<IpRange> PodRanges { get; init; }

    /// <summary>The addresses in <see cref="PodRanges"/> that pods own, fenced or not.</summary>
    public IReadOnlyCollection<IpAddress> KnownPodIps { get; init; } = [];

    /// <summary>A node without policies.</summary>
    public static Ruleset Empty(RulesetOptions options) =>
        new()
        {
            Options = options,
            Sets = new Dictionary<SetId, IEnumerable<SetElement>>(),
            Fences = new Dictionary<string, Fence>(),
            Endpoints = new Dictionary<IpAddress, FencedEndpoint>(),
        };
}
