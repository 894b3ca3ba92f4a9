using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>How packets that a fence does not allow are handled.</summary>
public enum DenyAction : byte
{
    /// <summary>
    /// TCP reset, or ICMP port unreachable for other protocols: the client gets an error immediately.
    /// </summary>
    Reject,

    /// <summary>No response: the client waits for its own timeout.</summary>
    Drop,
}

/// <summary>
/// How packets from and to unknown pod IPs are handled: addresses of this node's pod ranges that no known pod owns.
/// </summary>
public enum UnknownPodIps : byte
{
    /// <summary>They are allowed: a pod is not isolated until its address is known.</summary>
    Allow,

    /// <summary>They are denied: a pod has no connectivity before it is fenced.</summary>
    Deny,
}

/// <summary>Settings that shape the rules.</summary>
public sealed record RulesetOptions
{
    /// <summary>How denied packets are handled; <see cref="Rulesets.DenyAction.Reject"/> by default.</summary>
    public DenyAction DenyAction { get; init; }

    /// <summary>Connections from a pod to its own node; <see cref="Model.PodToNode.Enforce"/> by default.</summary>
    public PodToNode PodToNode { get; init; }

    /// <summary>Pod IPs that are not known yet; <see cref="Rulesets.UnknownPodIps.Allow"/> by default.</summary>
    public UnknownPodIps UnknownPodIps { get; init; }
}
