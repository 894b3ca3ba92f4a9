using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// One layer of policy. Tiers judge each side of a flow in order; the first that does not return <see
/// cref="TierVerdict.Next"/> decides. An interface with one implementation, because cluster-wide policies
/// (AdminNetworkPolicy) are tiers before and after NetworkPolicy.
/// </summary>
internal interface IPolicyTier
{
    /// <summary>Judges one side of a flow.</summary>
    /// <param name="side">The side.</param>
    /// <param name="findings">
    /// Receives the reasons, in no order. If null, the search ends at the first decision.
    /// </param>
    TierVerdict Judge(in Side side, Findings? findings);
}

/// <summary>The verdict of a tier on one side of a flow.</summary>
internal enum TierVerdict
{
    /// <summary>The flow is allowed on this side; later tiers do not count.</summary>
    Accept,

    /// <summary>The flow is denied on this side; later tiers do not count.</summary>
    Deny,

    /// <summary>This tier does not decide.</summary>
    Next,
}

/// <summary>One side of a flow: a pod that policies may isolate, and its peer.</summary>
/// <param name="Direction">Egress if the subject is the source.</param>
/// <param name="Subject">The pod whose policies apply.</param>
/// <param name="Peer">The other endpoint.</param>
/// <param name="Destination">The destination pod, for both sides, or null: it resolves named ports.</param>
/// <param name="Protocol">The protocol, or null for one without ports.</param>
/// <param name="Port">The destination port.</param>
internal readonly record struct Side(
    Direction Direction,
    Pod Subject,
    ResolvedEndpoint Peer,
    Pod? Destination,
    Protocol? Protocol,
    int Port
);

/// <summary>An endpoint of a flow after its owner was found in the state.</summary>
/// <param name="Address">The address.</param>
/// <param name="Pod">The pod that owns the address, or null.</param>
/// <param name="Node">The name of the node that has the address, or null.</param>
internal readonly record struct ResolvedEndpoint(IpAddress Address, Pod? Pod, string? Node);

/// <summary>The reasons that tiers found on one side.</summary>
internal sealed class Findings
{
    /// <summary>Policies that isolate the subject.</summary>
    public List<NetworkPolicy> Isolating { get; } = [];

    /// <summary>The results of matching their rules.</summary>
    public List<RuleResult> Rules { get; } = [];
}
