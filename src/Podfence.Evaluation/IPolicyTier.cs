using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// One layer of policy. Tiers are asked in order, for each side of a flow by itself; the first that does not say <see cref="TierVerdict.Next"/> decides.
/// NetworkPolicy is the only one so far; cluster-wide policies have a place before it and a place after it.
/// </summary>
internal interface IPolicyTier
{
    /// <summary>Judges one side of a flow.</summary>
    /// <param name="side">The side.</param>
    /// <param name="findings">Takes down why, in no order; null where nobody asks, and then the first thing that decides ends the search.</param>
    TierVerdict Judge(in Side side, Findings? findings);
}

/// <summary>What a tier says about one side of a flow.</summary>
internal enum TierVerdict
{
    /// <summary>This side allows the flow; no later tier is asked.</summary>
    Accept,

    /// <summary>This side denies the flow; no later tier is asked.</summary>
    Deny,

    /// <summary>This tier has nothing to say.</summary>
    Next,
}

/// <summary>One side of a flow: a pod that may be fenced, and whom it talks with.</summary>
/// <param name="Direction">Egress where the subject is the source.</param>
/// <param name="Subject">The pod whose policies are asked.</param>
/// <param name="Peer">The other end.</param>
/// <param name="Destination">The pod that is called, whichever side this is, or null: named ports are read there.</param>
/// <param name="Protocol">The protocol, or null for one without ports.</param>
/// <param name="Port">The destination port.</param>
internal readonly record struct Side(Direction Direction, Pod Subject, End Peer, Pod? Destination, Protocol? Protocol, int Port);

/// <summary>An end of a flow after asking the state who has the address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Pod">The endpoint that owns it, or null.</param>
/// <param name="Node">The name of the node that has it, or null.</param>
internal readonly record struct End(IpAddress Address, Pod? Pod, string? Node);

/// <summary>What tiers found on one side.</summary>
internal sealed class Findings
{
    /// <summary>Policies that isolate the subject.</summary>
    public List<NetworkPolicy> Isolating { get; } = [];

    /// <summary>How their rules fared.</summary>
    public List<RuleResult> Rules { get; } = [];
}
