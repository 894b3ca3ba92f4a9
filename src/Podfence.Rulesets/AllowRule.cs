using Podfence.Base;
using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>One allow rule of a fence: both the peer and the port must match.</summary>
/// <param name="Peer">
/// The set that must contain the peer's address (for endpoints: with protocol and destination port); null for any peer.
/// </param>
/// <param name="Ports">The range that must contain the destination port; null for every port of every protocol.</param>
/// <param name="Policies">The policies that the rule comes from, sorted; never empty.</param>
public sealed record AllowRule(SetId? Peer, PortRange? Ports, EquatableArray<PolicyKey> Policies);

/// <summary>The allow rules for one port range.</summary>
/// <param name="Ports">The range.</param>
/// <param name="Rules">Allow rules without ports of their own, few.</param>
public sealed record PortBranch(PortRange Ports, EquatableArray<AllowRule> Rules);
