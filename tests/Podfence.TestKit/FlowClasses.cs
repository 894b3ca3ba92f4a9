using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// The flows of a cluster in classes that no policy can distinguish: one representative of each. What is true of all of
/// them is true of every flow. Every address of an object is a class of its own; the others are divided at the limits
/// of all blocks, and ports at all port numbers, per protocol.
/// </summary>
public sealed class FlowClasses
{
    private FlowClasses(
        IReadOnlyDictionary<IpFamily, IReadOnlyList<FlowEndpoint>> ends,
        IReadOnlyList<(Protocol? Protocol, int Port)> ports
    )
    {
        Ends = ends;
        Ports = ports;
    }

    /// <summary>The ends of a family, in address order.</summary>
    public IReadOnlyDictionary<IpFamily, IReadOnlyList<FlowEndpoint>> Ends { get; }

    /// <summary>Protocols and ports; null represents all other protocols.</summary>
    public IReadOnlyList<(Protocol? Protocol, int Port)> Ports { get; }

    /// <summary>How many flows <see cref="All"/> has.</summary>
    public int Count =>
        Ends.Values.Sum(static ends =>
        {
            var external = ends.Count(static end => end.IsExternal);
            return (ends.Count * ends.Count) - (external * external);
        }) * Ports.Count;

    /// <summary>
    /// Cuts the flows of a cluster. What is to be compared with the policies, such as a compiled ruleset, may have
    /// edges of its own: with those given too, agreement on all representatives is agreement on all flows, even where
    /// the ruleset is wrong.
    /// </summary>
    /// <param name="state">The cluster.</param>
    /// <param name="ranges">Further ranges of addresses to cut at.</param>
    /// <param name="ports">Further ranges of ports to cut at.</param>
    public static FlowClasses Of(
        ClusterState state,
        IEnumerable<IpRange>? ranges = null,
        IEnumerable<(Protocol Protocol, int First, int Last)>? ports = null
    )
    {
        var cutRanges = Blocks(state).Concat(ranges ?? []).ToList();
        var ends = IpFamilies.All.ToDictionary(static family => family, family => EndsOf(state, family, cutRanges));
        return new FlowClasses(ends, PortsOf(state, ports ?? []));
    }

    /// <summary>Every pair of ends, at least one of them in the cluster, with every protocol and port.</summary>
    public IEnumerable<Flow> All()
    {
        foreach (var ends in Ends.Values)
        {
            foreach (var source in ends)
            {
                foreach (var destination in ends)
                {
                    if (source.IsExternal && destination.IsExternal)
                    {
                        continue;
                    }

                    foreach (var (protocol, port) in Ports)
                    {
                        yield return protocol is { } known
                            ? new Flow(source, destination, known, port)
                            : Flow.OfOtherProtocol(source, destination);
                    }
                }
            }
        }
    }

    private static IReadOnlyList<FlowEndpoint> EndsOf(ClusterState state, IpFamily family, List<IpRange> ranges)
    {
        var named = state
            .Pods.SelectMany(static pod => pod.Addresses)
            .Concat(state.Nodes.Values.SelectMany(static node => node.Addresses))
            .Where(address => address.Family == family)
            .ToHashSet();

        var highest = family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;
        var cuts = new SortedSet<UInt128> { 0 };
        foreach (var range in ranges.Where(range => range.Family == family))
        {
            cuts.Add(range.First.Value);
            if (range.Last.Value != highest)
            {
                cuts.Add(range.Last.Value + 1);
            }
        }

        var addresses = new SortedSet<IpAddress>(named);
        var edges = cuts.ToArray();
        for (var i = 0; i < edges.Length; i++)
        {
            var last = i + 1 < edges.Length ? edges[i + 1] - 1 : highest;
            if (Unnamed(family, edges[i], last, named) is { } representative)
            {
                addresses.Add(representative);
            }
        }

        return [.. addresses.Select(address => FlowEndpoint.Resolve(state, address))];
    }

    /// <summary>The first address of an interval that no object names, or null where all are named.</summary>
    private static IpAddress? Unnamed(IpFamily family, UInt128 first, UInt128 last, HashSet<IpAddress> named)
    {
        for (var value = first; ; value++)
        {
            var address = new IpAddress(family, value);
            if (!named.Contains(address))
            {
                return address;
            }

            if (value == last)
            {
                return null;
            }
        }
    }

    private static List<(Protocol? Protocol, int Port)> PortsOf(
        ClusterState state,
        IEnumerable<(Protocol Protocol, int First, int Last)> further
    )
    {
        var cuts = new Dictionary<Protocol, SortedSet<int>>
        {
            [Protocol.Tcp] = [1],
            [Protocol.Udp] = [1],
            [Protocol.Sctp] = [1],
        };
        var ranges = Rules(state)
            .SelectMany(static rule => rule.Ports)
            .Where(static port => port.First is not null)
            .Select(static port => (port.Protocol, First: port.First!.Value, Last: port.Last ?? port.First.Value))
            .Concat(
                state
                    .Pods.SelectMany(static pod => pod.Ports)
                    .Where(static port => port.Name is not null)
                    .Select(static port => (port.Protocol, First: port.Number, Last: port.Number))
            )
            .Concat(further);
        foreach (var (protocol, first, last) in ranges)
        {
            cuts[protocol].Add(first);
            cuts[protocol].Add(last + 1);
        }

        var ports = new List<(Protocol?, int)>();
        foreach (var (protocol, edges) in cuts)
        {
            ports.AddRange(
                edges.Where(static edge => edge is >= 1 and <= 65535).Select(edge => ((Protocol?)protocol, edge))
            );
        }

        ports.Add((null, 0));
        return ports;
    }

    private static IEnumerable<IpRange> Blocks(ClusterState state) =>
        Rules(state)
            .SelectMany(static rule => rule.Peers)
            .OfType<IpBlockPeer>()
            .SelectMany(static block => block.Except.Prepend(block.Cidr))
            .Select(static cidr => new IpRange(cidr.Network, cidr.Last));

    private static IEnumerable<PolicyRule> Rules(ClusterState state) =>
        state.Policies.SelectMany(static policy =>
            policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress))
        );
}
