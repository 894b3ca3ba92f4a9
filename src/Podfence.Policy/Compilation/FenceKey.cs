using Podfence.Model;

namespace Podfence.Policy;

/// <summary>What makes two pods share a fence: the same policies isolate them, and the names of ports mean the same numbers on both.</summary>
/// <param name="Direction">The side of the pod.</param>
/// <param name="Family">The family of the packets.</param>
/// <param name="Policies">The isolating policies, sorted; never empty.</param>
/// <param name="NamedPorts">For ingress: how the pod resolves the names that the policies use, sorted; for egress empty, since each destination resolves for itself.</param>
internal sealed record FenceKey(Direction Direction, IpFamily Family, EquatableArray<PolicyKey> Policies, EquatableArray<ResolvedPort> NamedPorts);

/// <summary>The numbers that one pod gives to a port's name; none where it does not declare it.</summary>
internal sealed record ResolvedPort(string Name, Protocol Protocol, EquatableArray<int> Numbers);
