using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>The verdict on one flow: allowed if both sides allow it (semantics.md S1.1).</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Egress">The side of the source.</param>
/// <param name="Ingress">The side of the destination.</param>
public sealed record Verdict(Flow Flow, SideVerdict Egress, SideVerdict Ingress)
{
    /// <summary>Whether the connection is allowed.</summary>
    public bool Allowed => Egress.Allowed && Ingress.Allowed;

    /// <summary>One line: the flow and each side's reason.</summary>
    public override string ToString() =>
        $"{Flow}: {(Allowed ? "allow" : "deny")} (egress {Egress.Reason}, ingress {Ingress.Reason})";
}

/// <summary>The verdict of one side of a flow, and why.</summary>
/// <param name="Direction">Egress for the source's side, ingress for the destination's.</param>
/// <param name="Allowed">Whether this side allows the flow.</param>
/// <param name="Reason">Why.</param>
/// <param name="Pod">The pod whose side this is; null if the address belongs to no pod.</param>
/// <param name="Isolating">The policies that isolate the pod in this direction, by name. Empty unless the reason is
/// <see cref="SideReason.RuleMatched"/> or <see cref="SideReason.NoRuleMatched"/>.</param>
/// <param name="Rules">The results of matching every rule of those policies, in order.</param>
public sealed record SideVerdict(
    Direction Direction,
    bool Allowed,
    SideReason Reason,
    PodKey? Pod,
    EquatableArray<NetworkPolicy> Isolating,
    EquatableArray<RuleResult> Rules
)
{
    /// <summary>The rules that allow the flow; any one of them suffices.</summary>
    public IEnumerable<RuleResult> Matches => Rules.Where(static rule => rule.Matches);
}

/// <summary>Why one side of a flow allows or denies it.</summary>
public enum SideReason
{
    /// <summary>
    /// Allowed: the address belongs to a node or is external, and policies apply to pods only (S1.2).
    /// </summary>
    NotAPod,

    /// <summary>
    /// Allowed: the pod shares its node's network, so no policy can distinguish it from the node (S8.4).
    /// </summary>
    HostNetwork,

    /// <summary>Allowed: a pod always reaches its own address (S8.5).</summary>
    Self,

    /// <summary>Allowed: between a pod and the node it runs on (S8.1, S8.2).</summary>
    OwnNode,

    /// <summary>Allowed: no policy selects the pod for this direction (S1.4).</summary>
    NotIsolated,

    /// <summary>Allowed: a rule of a policy that isolates the pod matches.</summary>
    RuleMatched,

    /// <summary>
    /// Denied: policies isolate the pod, and none of their rules matches. The only reason for a denial.
    /// </summary>
    NoRuleMatched,
}
