using Podfence.Base;
using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>
/// The traffic that isolated pods may receive or send in one family: allow rules, then default deny. Shared by all pods
/// of the node that the same policies isolate in this direction. A packet is allowed if one of <see cref="Rules"/>
/// matches, or one of the rules of the branch for its protocol and port.
/// </summary>
public sealed record Fence
{
    /// <summary>
    /// Unique and stable; begins with <c>ingress/</c> or <c>egress/</c>, and contains the name of the first policy for
    /// readers. At most 120 characters.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// The direction, seen from the pod. Ingress rules match the source, egress rules the destination.
    /// </summary>
    public required Direction Direction { get; init; }

    /// <summary>The family of the packets.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>The policies that isolate, sorted. Never empty.</summary>
    public required EquatableArray<PolicyKey> Policies { get; init; }

    /// <summary>Allow rules that are tried one by one: few, for any number of policies.</summary>
    public EquatableArray<AllowRule> Rules { get; init; }

    /// <summary>
    /// Allow rules that are found by one lookup of protocol and port: disjoint port ranges in ascending order. Empty
    /// for a small fence.
    /// </summary>
    public EquatableArray<PortBranch> Branches { get; init; }
}
