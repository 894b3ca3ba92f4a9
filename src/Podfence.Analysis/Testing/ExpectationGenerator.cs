using System.Globalization;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Writes what the policies allow today as an expectation file, to detect later changes.</summary>
public static class ExpectationGenerator
{
    // Documentation addresses (RFC 5737, RFC 3849).
    private static readonly IpAddress[] s_documentationAddresses =
    [
        IpAddress.Parse("198.51.100.7"),
        IpAddress.Parse("2001:db8::7"),
    ];

    /// <summary>
    /// The lines: every pair of workloads (or pods where a workload's pods differ) on every port that the destination
    /// declares; from an external address of each range
    /// that the destination's policies tell apart, and to external addresses the ports of the source's rules.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="inScope">Which pods are destinations or, of flows to external addresses, sources.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static IEnumerable<string> Lines(
        Cluster cluster,
        Func<Pod, bool> inScope,
        CancellationToken cancellationToken
    )
    {
        var groups = cluster
            .State.Pods.Where(static pod => pod is { IsEndpoint: true })
            .OrderBy(static pod => pod.Key)
            .GroupBy(Cluster.GroupOf, StringComparer.Ordinal)
            .ToList();
        var reach = new PortReach(cluster);
        foreach (var to in groups.Where(group => inScope(group.First())))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (
                var port in to.SelectMany(static pod => pod.Ports)
                    .DistinctBy(static port => (port.Number, port.Protocol))
                    .OrderBy(static port => port.Number)
            )
            {
                foreach (
                    var line in groups
                        .SelectMany(from => Pair(cluster, reach, (from.Key, [.. from]), (to.Key, [.. to]), port))
                        .Concat(FromExternal(cluster, reach, (to.Key, [.. to]), port))
                )
                {
                    yield return line;
                }
            }
        }

        foreach (
            var line in groups
                .Where(group => inScope(group.First()))
                .SelectMany(from => ToExternal(cluster, reach, (from.Key, [.. from])))
        )
        {
            yield return line;
        }
    }

    // A pod that stands for a workload has no name that a file could use.
    private static string NameOf(Pod pod) =>
        Cluster.StandsForWorkload(pod.Key) ? Cluster.GroupOf(pod) : pod.Key.ToString();

    private static IEnumerable<string> Pair(
        Cluster cluster,
        PortReach reach,
        (string Name, List<Pod> Pods) from,
        (string Name, List<Pod> Pods) to,
        ContainerPort port
    )
    {
        var flows = new List<(Pod From, Pod To, IpFamily Family, bool Open)>();
        foreach (var source in from.Pods)
        {
            foreach (var destination in to.Pods.Where(pod => pod.Key != source.Key))
            {
                foreach (var address in destination.Addresses)
                {
                    if (source.AddressOf(address.Family) is { } own)
                    {
                        var ports = reach.Between(
                            ReachEndpoint.Of(cluster.State, source, own),
                            ReachEndpoint.Of(cluster.State, destination, address)
                        );
                        flows.Add((source, destination, address.Family, ports.Contains(port.Protocol, port.Number)));
                    }
                }
            }
        }

        // A workload whose pods differ is written pod by pod, and a pair whose families differ by family.
        var isUniform =
            flows.DistinctBy(static flow => (flow.Family, flow.Open)).Count()
            == flows.DistinctBy(static flow => flow.Family).Count();
        return isUniform
            ? Families(flows.Select(static flow => (flow.Family, flow.Open)), from.Name, to.Name, port)
            : flows
                .GroupBy(static flow => (flow.From.Key, flow.To.Key))
                .SelectMany(pair =>
                    Families(
                        pair.Select(static flow => (flow.Family, flow.Open)),
                        NameOf(pair.First().From),
                        NameOf(pair.First().To),
                        port
                    )
                )
                .Distinct();
    }

    private static IEnumerable<string> Families(
        IEnumerable<(IpFamily Family, bool Open)> flows,
        string from,
        string to,
        ContainerPort port
    )
    {
        var verdicts = flows.Distinct().OrderBy(static flow => flow.Family).ToList();
        return verdicts.DistinctBy(static flow => flow.Open).Count() == 1
            ? [Line(from, to, port.Protocol, port.Number, verdicts[0].Open, null)]
            : verdicts.Select(flow => Line(from, to, port.Protocol, port.Number, flow.Open, flow.Family));
    }

    private static IEnumerable<string> FromExternal(
        Cluster cluster,
        PortReach reach,
        (string Name, List<Pod> Pods) target,
        ContainerPort port
    ) =>
        from pod in target.Pods.Take(1)
        from address in pod.Addresses
        from external in ExternalAddresses(
            cluster.State,
            reach.Isolating(pod, Direction.Ingress),
            Direction.Ingress,
            address.Family
        )
        let open = reach
            .Between(ReachEndpoint.External(external), ReachEndpoint.Of(cluster.State, pod, address))
            .Contains(port.Protocol, port.Number)
        select Line(external.ToString(), target.Name, port.Protocol, port.Number, open, null);

    private static IEnumerable<string> ToExternal(
        Cluster cluster,
        PortReach reach,
        (string Name, List<Pod> Pods) source
    ) =>
        from pod in source.Pods.Take(1)
        let policies = reach.Isolating(pod, Direction.Egress)
        where policies.Count > 0
        from address in pod.Addresses
        from external in ExternalAddresses(cluster.State, policies, Direction.Egress, address.Family)
        let open = reach.Between(ReachEndpoint.Of(cluster.State, pod, address), ReachEndpoint.External(external))
        from port in Ports(policies)
        select Line(
            source.Name,
            external.ToString(),
            port.Protocol,
            port.First!.Value,
            open.Contains(port.Protocol, port.First!.Value),
            null
        );

    // A port of the web stands for all that no rule names.
    private static IEnumerable<PolicyPort> Ports(IReadOnlyList<NetworkPolicy> policies) =>
        policies
            .SelectMany(static policy => policy.RulesFor(Direction.Egress))
            .SelectMany(static rule => rule.Ports)
            .Where(static port => port.First is not null)
            .Append(new(Protocol.Tcp, 443, 443))
            .DistinctBy(static port => (port.Protocol, port.First))
            .OrderBy(static port => port.First)
            .ThenBy(static port => port.Protocol);

    /// <summary>An address of each range that the policies tell apart, which nothing in the cluster has.</summary>
    private static IEnumerable<IpAddress> ExternalAddresses(
        ClusterState state,
        IReadOnlyList<NetworkPolicy> policies,
        Direction direction,
        IpFamily family
    )
    {
        foreach (var range in ExternalRanges.Of(policies, direction, family))
        {
            var candidate = s_documentationAddresses.FirstOrDefault(range.Contains);
            // 0.0.0.0 and :: are not addresses of a host.
            var inside =
                range.First.Value == 0
                    ? range.Last
                    : new IpAddress(family, range.First.Value + UInt128.Min(7, range.Last.Value - range.First.Value));
            var address = candidate == default ? inside : candidate;
            if (state.OwnerOf(address) is null && !state.Nodes.Values.Any(node => node.Addresses.Contains(address)))
            {
                yield return address;
            }
        }
    }

    private static string Line(string from, string to, Protocol protocol, int port, bool isOpen, IpFamily? family)
    {
        var transport = protocol == Protocol.Tcp ? "" : $", protocol: {protocol.ToString().ToUpperInvariant()}";
        var only = family is { } one ? $", family: {one.ToString().ToLowerInvariant()}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"- {{from: {YamlText.Scalar(from)}, to: {YamlText.Scalar(to)}{transport}, port: {port}, verdict: "
                + $"{(isOpen ? "allow" : "deny")}{only}}}"
        );
    }
}
