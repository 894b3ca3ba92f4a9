using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Endpoints that one pod reaches, or that reach it, on the same ports.</summary>
/// <param name="Name">A pod, all pods of a workload, a node, or an external range.</param>
/// <param name="Kind">Which of these.</param>
/// <param name="Families">The families in which it holds.</param>
/// <param name="Ports">The ports that are open; none for those that are closed.</param>
/// <param name="Pods">How many pods the name stands for; 0 for other kinds.</param>
public sealed record ReachLine(string Name, ReachKind Kind, IReadOnlyList<IpFamily> Families, PortSet Ports, int Pods);

/// <summary>What a line is about.</summary>
public enum ReachKind
{
    /// <summary>A pod or the pods of a workload.</summary>
    Pod,

    /// <summary>A node.</summary>
    Node,

    /// <summary>external addresses.</summary>
    External,
}

/// <summary>Everything that reaches a pod, and everything that it reaches.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Policies">Every policy that selects it.</param>
/// <param name="Inbound">What reaches it on which ports, and what does not.</param>
/// <param name="Outbound">What it reaches on which ports, and what not.</param>
public sealed record PodReach(
    Pod Pod,
    IReadOnlyList<NetworkPolicy> Policies,
    IReadOnlyList<ReachLine> Inbound,
    IReadOnlyList<ReachLine> Outbound
)
{
    /// <summary>Evaluates every pod, every node and every external range that the pod's policies tell apart.</summary>
    public static PodReach Of(Cluster cluster, Pod pod)
    {
        var reach = new PortReach(cluster);
        var policies = cluster
            .State.PoliciesIn(pod.Key.Namespace)
            .Where(policy => policy.PodSelector.SelectsSubject(pod.Labels))
            .OrderBy(static policy => policy.Key)
            .ToList();
        return new(
            pod,
            pod.HostNetwork ? [] : policies,
            Lines(cluster, reach, pod, Direction.Ingress),
            Lines(cluster, reach, pod, Direction.Egress)
        );
    }

    private static List<ReachLine> Lines(Cluster cluster, PortReach reach, Pod pod, Direction direction)
    {
        var state = cluster.State;
        var selves = pod.Addresses.Select(address => ReachEndpoint.Of(state, pod, address)).ToList();
        var pods = state
            .Pods.Where(other => other.Key != pod.Key && !other.Finished)
            .OrderBy(static other => other.Key)
            .SelectMany(other =>
                Points(
                    Cluster.GroupOf(other),
                    other.Key.ToString(),
                    ReachKind.Pod,
                    other.Addresses.Select(address => ReachEndpoint.Of(state, other, address))
                )
            );
        var nodes = state
            .Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)
            .SelectMany(node =>
                Points(
                    $"node:{node.Name}",
                    $"node:{node.Name}",
                    ReachKind.Node,
                    node.Addresses.Select(address => ReachEndpoint.Of(state, node, address))
                )
            );
        var external = selves
            .SelectMany(self =>
                ExternalRanges.Of(
                    self.Pod is { } owner ? reach.Isolating(owner, direction) : [],
                    direction,
                    self.Address.Family
                )
            )
            .Select(static range => new Point(
                "",
                ExternalRanges.Text(range),
                ReachKind.External,
                ReachEndpoint.External(range.First)
            )
            {
                Range = range,
            });
        return [.. Merge(pods.Concat(nodes).Select(Judge)), .. MergeRanges(external.Select(Judge))];

        IEnumerable<Point> Points(string group, string name, ReachKind kind, IEnumerable<ReachEndpoint> ends) =>
            ends.Select(end => new Point(group, name, kind, end));

        Point Judge(Point point)
        {
            var self = selves.Find(self => self.Address.Family == point.End.Address.Family);
            return self == default
                ? point
                : point with
                {
                    Ports =
                        direction == Direction.Ingress
                            ? reach.Between(point.End, self)
                            : reach.Between(self, point.End),
                };
        }
    }

    /// <summary>One line for a group whose pods are equal in every family; otherwise lines for its pods.</summary>
    private static IEnumerable<ReachLine> Merge(IEnumerable<Point> points)
    {
        foreach (
            var group in points
                .Where(static point => point.Ports is not null)
                .GroupBy(static point => point.Group, StringComparer.Ordinal)
        )
        {
            var distinct = group.DistinctBy(static point => (point.End.Address.Family, point.Ports)).ToList();
            var isUniform = distinct.DistinctBy(static point => point.End.Address.Family).Count() == distinct.Count;
            foreach (
                var part in isUniform
                    ? [(group.Key, group.ToList())]
                    : group
                        .GroupBy(static point => point.Name, StringComparer.Ordinal)
                        .Select(static pod => (pod.Key, pod.ToList()))
            )
            {
                var pods =
                    part.Item2[0].Kind == ReachKind.Pod ? part.Item2.DistinctBy(static point => point.Name).Count() : 0;
                foreach (var same in part.Item2.GroupBy(static point => point.Ports!))
                {
                    yield return new(part.Item1, part.Item2[0].Kind, Families(same), same.Key, pods);
                }
            }
        }
    }

    /// <summary>Neighbouring ranges with the same ports are one.</summary>
    private static IEnumerable<ReachLine> MergeRanges(IEnumerable<Point> points)
    {
        Point? last = null;
        foreach (var point in points)
        {
            if (last is not null && last.Range.Family == point.Range.Family && last.Ports!.Equals(point.Ports))
            {
                last = last with { Range = new IpRange(last.Range.First, point.Range.Last) };
                continue;
            }

            if (last is not null)
            {
                yield return Line(last);
            }

            last = point;
        }

        if (last is not null)
        {
            yield return Line(last);
        }

        static ReachLine Line(Point point) =>
            new(ExternalRanges.Text(point.Range), ReachKind.External, [point.Range.Family], point.Ports!, 0);
    }

    private static List<IpFamily> Families(IEnumerable<Point> points) =>
        [.. points.Select(static point => point.End.Address.Family).Distinct().Order()];

    private sealed record Point(string Group, string Name, ReachKind Kind, ReachEndpoint End)
    {
        public PortSet? Ports { get; init; }

        public IpRange Range { get; init; }
    }
}
