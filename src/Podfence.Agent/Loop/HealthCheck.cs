using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Checks a condition of the node, besides the rules, without which the addresses are not protected, such as bridge
/// netfilter.
/// </summary>
/// <param name="addresses">The fenced addresses.</param>
/// <exception cref="DataplaneException">The condition does not hold; the message names the remedy.</exception>
public delegate void HealthCheck(IEnumerable<IpAddress> addresses);
