using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>A condition outside the rules without which the fence has holes.</summary>
public interface IHealthCheck
{
    /// <summary>Looks whether the condition holds for what is fenced.</summary>
    /// <exception cref="DataplaneException">It does not; the message says what to do.</exception>
    void Check(IReadOnlyDictionary<IpAddress, FencedEndpoint> endpoints);
}
