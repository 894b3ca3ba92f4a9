using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>No fenced address may be on a bridge that the packet filter does not see. To be asked in the node's network namespace.</summary>
public sealed class BridgeCheck : IHealthCheck
{
    /// <inheritdoc/>
    public void Check(IReadOnlyDictionary<IpAddress, FencedEndpoint> endpoints) => BridgeNetfilter.Require(endpoints.Keys);
}
