using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

/// <summary>The matrix by classes against the evaluator, pair by pair and port by port.</summary>
public sealed class ReachMatrixRandomTests
{
    public static TheoryData<GroupBy, string?> Groupings =>
        new()
        {
            { GroupBy.Pod, null },
            { GroupBy.Workload, null },
            { GroupBy.Namespace, null },
            { GroupBy.Label, "app" },
        };

    [Theory, MemberData(nameof(Groupings))]
    public void Row_RandomClusters_AgreesWithTheEvaluator(GroupBy groupBy, string? key) => Cases.Check(150, made =>
        {
            var cluster = Cluster.Complete(
                new(made.ToState(), [], []),
                new EvaluatorOptions
                {
                    PodToNode = made.Pods.Count % 3 == 0 ? Model.PodToNode.Allow : Model.PodToNode.Enforce,
                }
            );
            var options = new MatrixOptions { GroupBy = groupBy, LabelKey = key };
            return new BruteMatrix(cluster, options).Fault(ReachMatrix.Of(cluster, options));
        });

    [Fact]
    public void Row_OnePodOfAPair_AgreesWithPortReach() => Cases.Check(100, static made =>
        {
            var cluster = Cluster.Complete(new(made.ToState(), [], []));
            var matrix = ReachMatrix.Of(cluster, new() { GroupBy = GroupBy.Pod });
            var reach = new PortReach(cluster);
            var pods = cluster.State.Pods.Where(static pod => pod.IsEndpoint).OrderBy(static pod => pod.Key).ToList();
            foreach (
                var (from, to) in pods.SelectMany(from => pods.Where(to => to.Key != from.Key).Select(to => (from, to)))
            )
            {
                foreach (var family in IpFamilies.All)
                {
                    if (
                        from.AddressOf(family) is { } source
                        && to.AddressOf(family) is { } destination
                        && cluster.State.Owns(from, source)
                        && cluster.State.Owns(to, destination)
                    )
                    {
                        var open = reach.Between(new(source, from, null), new(destination, to, null));
                        var cell = matrix.Row(matrix.Find(from.Key.ToString())!.Value)[
                            matrix.Find(to.Key.ToString())!.Value
                        ];
                        if (!cell.Flows.Single(flow => flow.Families.Contains(family)).Every.Equals(open))
                        {
                            return $"{from.Key} to {to.Key} over {family}: {open}, but the matrix says {cell}";
                        }
                    }
                }
            }

            return null;
        });

    [Fact]
    public void Row_NewPods_AgreeWithExistingOnes() => Cases.Check(150, static made =>
        {
            var state = made.ToState();
            var cluster = Cluster.Complete(new(state, [], []));
            var matrix = ReachMatrix.Of(cluster, new() { GroupBy = GroupBy.Pod, Exposure = true });
            var newPods = new NewPods(state);
            foreach (
                var (name, pod) in newPods
                    .Of(ReachClasses.Of(state, newPods))
                    .Where(static one => !one.Pod.Addresses.IsEmpty)
            )
            {
                var later = Clusters.Copy(state);
                if (newPods.LabelsOf(pod.Key.Namespace) is { } labels)
                {
                    later.Upsert(new Namespace(pod.Key.Namespace, labels));
                }

                later.Upsert(pod);
                var evaluator = new Evaluator(later);
                var classes = FlowClasses.Of(later);
                var at = matrix.Find(name)!.Value;
                foreach (
                    var (other, address) in state
                        .Pods.Where(static other => other.IsEndpoint)
                        .SelectMany(static other => other.Addresses.Select(address => (other, address)))
                )
                {
                    if (!state.Owns(other, address) || pod.AddressOf(address.Family) is not { } own)
                    {
                        continue;
                    }

                    var there = matrix.Find(other.Key.ToString())!.Value;
                    var (with, without) = (FlowEndpoint.Of(pod, own), FlowEndpoint.Of(other, address));
                    foreach (
                        var (source, destination, cell) in new[]
                        {
                            (with, without, matrix.Row(at)[there]),
                            (without, with, matrix.Row(there)[at]),
                        }
                    )
                    {
                        var open = cell.Flows.Single(flow => flow.Families.Contains(address.Family));
                        foreach (var (protocol, port) in classes.Ports)
                        {
                            var flow = protocol is { } known
                                ? new Flow(source, destination, known, port)
                                : Flow.OfOtherProtocol(source, destination);
                            if (!open.IsUniform || evaluator.IsAllowed(flow) != open.Every.Contains(protocol, port))
                            {
                                return $"{name}: {flow}: the matrix says {cell}";
                            }
                        }
                    }
                }
            }

            return null;
        });
}
