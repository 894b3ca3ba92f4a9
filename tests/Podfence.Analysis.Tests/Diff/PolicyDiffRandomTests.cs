using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

/// <summary>
/// What the comparison calls opened and closed is what the evaluator says of each flow before and after, on random
/// clusters whose policies and labels change.
/// </summary>
public sealed class PolicyDiffRandomTests
{
    [Fact]
    public void Of_RandomChanges_AgreesWithTheEvaluator() =>
        Cases.Check(
            300,
            static cluster =>
            {
                var (before, after) = Sides(cluster);
                var diff = PolicyDiff.Of(before, after, new MatrixOptions { GroupBy = GroupBy.Pod });
                return new BruteDiff(before, after).Fault(diff);
            },
            static seed => ClusterGenerator.Generate(seed, steps: 6)
        );

    [Fact]
    public void Of_TheSameTwice_IsTheSame() => Cases.Check(100, static cluster =>
        {
            var diff = PolicyDiff.Of(Complete(cluster.ToState()), Complete(cluster.ToState()));
            return diff is { IsSame: true, HasOpened: false, Policies: [], OnlyAfter: [], OnlyBefore: [] }
                ? null
                : $"{diff.Lines.Count} lines: {string.Join('\n', diff.Lines)}";
        });

    [Fact]
    public void Of_ReversedSides_OpensWhatTheOtherCloses() =>
        Cases.Check(
            100,
            static cluster =>
            {
                var (before, after) = Sides(cluster);
                var there = PolicyDiff
                    .Of(before, after)
                    .Lines.ToDictionary(static line => (line.From.Name, line.To.Name));
                var back = PolicyDiff
                    .Of(after, before)
                    .Lines.ToDictionary(static line => (line.From.Name, line.To.Name));
                return
                    there.Keys.ToHashSet().SetEquals(back.Keys)
                    && there.All(pair => pair.Value.Opened.ToString() == back[pair.Key].Closed.ToString())
                    ? null
                    : "they are not each other's reverse";
            },
            static seed => ClusterGenerator.Generate(seed, steps: 6)
        );

    // The pods stay where they are and keep their addresses; what policies see of them changes.
    private static (Cluster Before, Cluster After) Sides(ClusterCase cluster)
    {
        var (before, final) = (cluster.ToState(), cluster.ToFinalState());
        var after = new ClusterState();
        before.Nodes.Values.ToList().ForEach(after.Upsert);
        final.Namespaces.Values.ToList().ForEach(after.Upsert);
        final.Policies.ToList().ForEach(after.Upsert);
        before
            .Pods.Select(pod =>
                final.FindPod(pod.Key) is { } changed
                    ? pod with
                    {
                        Labels = changed.Labels,
                        Ports = changed.Ports,
                    }
                    : pod
            )
            .ToList()
            .ForEach(after.Upsert);
        return (Complete(before), Complete(after));
    }

    private static Cluster Complete(ClusterState state) => Cluster.Complete(new(state, [], []));

    /// <summary>The same comparison flow by flow, out of the evaluator alone.</summary>
    private sealed class BruteDiff(Cluster before, Cluster after)
    {
        private readonly IReadOnlyList<ExternalPart> _parts = ExternalParts.Of(before, after);
        private readonly FlowClasses _classes = FlowClasses.Of(after.State, Blocks(before.State), Ports(before.State));

        public string? Fault(PolicyDiff diff)
        {
            var lines = diff.Lines.ToDictionary(static line => (line.From.Name, line.To.Name));
            foreach (var (family, ends) in _classes.Ends)
            {
                var named = ends.Select(end => (End: end, Name: NameOf(end)))
                    .Where(static end => end.Name is not null)
                    .ToList();
                var pairs =
                    from source in named
                    from destination in named
                    where AreCompared(source.End, destination.End)
                    group (Source: source.End, Destination: destination.End) by (source.Name, destination.Name);
                foreach (var pair in pairs)
                {
                    var line = lines.GetValueOrDefault((pair.Key.Item1!, pair.Key.Item2!));
                    if (Fault([.. pair], line?.Opened, family, isOpened: true) is { } opened)
                    {
                        return $"{pair.Key} opens {line?.Opened}: {opened}";
                    }

                    if (Fault([.. pair], line?.Closed, family, isOpened: false) is { } closed)
                    {
                        return $"{pair.Key} closes {line?.Closed}: {closed}";
                    }
                }
            }

            return null;
        }

        private string? Fault(
            List<(FlowEndpoint Source, FlowEndpoint Destination)> pairs,
            MatrixCell? cell,
            IpFamily family,
            bool isOpened
        )
        {
            var flow = cell?.Flows.SingleOrDefault(flow => flow.Families.Contains(family));
            foreach (var (protocol, port) in _classes.Ports)
            {
                var differing = pairs.Count(pair =>
                    IsAllowed(after, pair, protocol, port) == isOpened
                    && IsAllowed(before, pair, protocol, port) != isOpened
                );
                if (
                    (differing > 0) != (flow?.Some.Contains(protocol, port) ?? false)
                    || (differing == pairs.Count) != (flow?.Every.Contains(protocol, port) ?? false)
                )
                {
                    return $"{family} {port}/{protocol}: {differing} of {pairs.Count} pairs";
                }
            }

            return null;
        }

        private static bool IsAllowed(
            Cluster cluster,
            (FlowEndpoint Source, FlowEndpoint Destination) pair,
            Protocol? protocol,
            int port
        )
        {
            var (source, destination) = (
                FlowEndpoint.Resolve(cluster.State, pair.Source.Address),
                FlowEndpoint.Resolve(cluster.State, pair.Destination.Address)
            );
            return cluster.Evaluator.IsAllowed(
                protocol is { } known
                    ? new Flow(source, destination, known, port)
                    : Flow.OfOtherProtocol(source, destination)
            );
        }

        private static bool AreCompared(FlowEndpoint source, FlowEndpoint destination) =>
            source.Address != destination.Address && (source.Pod is not null || destination.Pod is not null);

        private string? NameOf(FlowEndpoint end) =>
            end.Pod is { } pod ? pod.ToString()
            : end.Node is { } node ? $"node:{node}"
            : _parts
                .FirstOrDefault(part =>
                    part.Ranges.Any(range => range.Family == end.Address.Family && range.Contains(end.Address))
                )
                ?.Name;

        private static IEnumerable<IpRange> Blocks(ClusterState state) =>
            Rules(state)
                .SelectMany(static rule => rule.Peers)
                .OfType<IpBlockPeer>()
                .SelectMany(static block => block.Except.Prepend(block.Cidr))
                .Select(static cidr => new IpRange(cidr.Network, cidr.Last));

        private static IEnumerable<(Protocol, int, int)> Ports(ClusterState state) =>
            Rules(state)
                .SelectMany(static rule => rule.Ports)
                .Where(static port => port.First is not null)
                .Select(static port => (port.Protocol, port.First!.Value, port.Last ?? port.First.Value))
                .Concat(
                    state
                        .Pods.SelectMany(static pod => pod.Ports)
                        .Select(static port => (port.Protocol, port.Number, port.Number))
                );

        private static IEnumerable<PolicyRule> Rules(ClusterState state) =>
            state.Policies.SelectMany(static policy =>
                policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress))
            );
    }
}
