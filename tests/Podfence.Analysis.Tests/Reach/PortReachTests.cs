using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

public sealed class PortReachTests
{
    [Fact]
    public void Between_RandomClusters_AgreesWithTheEvaluator() => Cases.Check(400, static cluster =>
        {
            var state = cluster.ToState();
            var whole = Cluster.Complete(new(state, [], []));
            var reach = new PortReach(whole);
            var classes = FlowClasses.Of(state);
            foreach (var ends in classes.Ends.Values)
            {
                foreach (
                    var (source, destination) in ends.SelectMany(source =>
                        ends.Where(end => !(source.IsExternal && end.IsExternal)).Select(end => (source, end))
                    )
                )
                {
                    var open = reach.Between(End(state, source), End(state, destination));
                    foreach (var (protocol, port) in classes.Ports)
                    {
                        var flow = protocol is { } known
                            ? new Flow(source, destination, known, port)
                            : Flow.OfOtherProtocol(source, destination);
                        if (whole.Evaluator.IsAllowed(flow) != open.Contains(protocol, port))
                        {
                            return $"{flow}: the evaluator says {whole.Evaluator.IsAllowed(flow)}, the set is {open}";
                        }
                    }
                }
            }

            return null;
        });

    private static ReachEndpoint End(ClusterState state, FlowEndpoint end) =>
        end.Pod is { } pod ? ReachEndpoint.Of(state, state.FindPod(pod)!, end.Address)
        : end.Node is { } node ? ReachEndpoint.Of(state, state.Nodes[node], end.Address)
        : ReachEndpoint.External(end.Address);
}
