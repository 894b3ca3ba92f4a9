using Podfence.Base;
using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>
/// All that one node's kernel has to hold, whatever the dataplane: a pure function of the cluster's state, the node's name and the options.
/// Sets are enumerated on demand, so that a node need not keep a second copy of the cluster's addresses.
/// </summary>
public sealed record Ruleset
{
    /// <summary>Settings that shape the rules.</summary>
    public required RulesetOptions Options { get; init; }

    /// <summary>Every set that a fence refers to, with its elements, which enumerate in no particular order and without duplicates.</summary>
    public required IReadOnlyDictionary<SetId, IEnumerable<SetElement>> Sets { get; init; }

    /// <summary>Fences by name.</summary>
    public required IReadOnlyDictionary<string, Fence> Fences { get; init; }

    /// <summary>Fenced addresses of this node's pods.</summary>
    public required IReadOnlyDictionary<IpAddress, FencedEndpoint> Endpoints { get; init; }

    /// <summary>Where unknown addresses are refused: the ranges that this node's pods get their addresses from, disjoint, in order. Empty where they are not.</summary>
    public EquatableArray<IpRange> PodRanges { get; init; }

    /// <summary>The addresses within <see cref="PodRanges"/> that pods own, fenced or not.</summary>
    public IReadOnlyCollection<IpAddress> KnownPodIps { get; init; } = [];

    /// <summary>A node without policies.</summary>
    public static Ruleset Empty(RulesetOptions options) => new()
    {
        Options = options,
        Sets = new Dictionary<SetId, IEnumerable<SetElement>>(),
        Fences = new Dictionary<string, Fence>(),
        Endpoints = new Dictionary<IpAddress, FencedEndpoint>(),
    };
}

/// <summary>What becomes of packets that a fence does not allow.</summary>
public enum DenyAction : byte
{
    /// <summary>TCP reset, or ICMP port unreachable for everything else: the caller learns at once.</summary>
    Reject,

    /// <summary>Silence: the caller waits for its own timeout.</summary>
    Drop,
}

/// <summary>What becomes of packets from and to an address of this node's pod ranges that no pod is known to own.</summary>
public enum UnknownPodIps : byte
{
    /// <summary>They pass: a pod is open until its address is known.</summary>
    Allow,

    /// <summary>They are refused: a pod cannot be reached, nor reach anybody, before it is fenced.</summary>
    Deny,
}

/// <summary>Settings that shape the rules.</summary>
public sealed record RulesetOptions
{
    /// <summary>DenyAction of what is not allowed; <see cref="Rulesets.DenyAction.Reject"/> by default.</summary>
    public DenyAction DenyAction { get; init; }

    /// <summary>Connections from a pod to its own node; <see cref="Model.PodToNode.Enforce"/> by default.</summary>
    public PodToNode PodToNode { get; init; }

    /// <summary>Addresses that are not known yet; <see cref="Rulesets.UnknownPodIps.Allow"/> by default.</summary>
    public UnknownPodIps UnknownPodIps { get; init; }
}
