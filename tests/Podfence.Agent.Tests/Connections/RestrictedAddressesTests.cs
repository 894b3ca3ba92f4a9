using Podfence.Compilation;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>
/// Whatever a change comes to deny, by the evaluator's word, concerns an address that is told to have been tightened.
/// </summary>
public sealed class RestrictedAddressesTests
{
    private const int MostFlows = 250;

    [Fact]
    public void Take_RandomChanges_HasTheAddressOfEveryNewDenial() =>
        Cases.Check(20, Claim, static seed => ClusterGenerator.Generate(seed, steps: 15), firstSeed: 9300);

    [Fact]
    public void Take_ChangeThatOnlyAllowsMore_HasNoAddress()
    {
        var state = new ClusterState();
        var compiler = new NodeCompiler(state, Sample.Node);
        var tightened = new RestrictedAddresses();
        state.Apply(Sample.Policy);
        state.Apply(Sample.Pod(1));
        tightened.Replaced(compiler.Snapshot());
        Assert.Equal([Sample.Address(1)], tightened.Take());
        Assert.False(tightened.Any);

        // A client comes into the set of those who may call.
        state.Upsert(
            new Pod
            {
                Key = new PodKey("default", "far"),
                NodeName = "n2",
                Labels = LabelSet.Of(("role", "client")),
                Addresses = [Sample.Address(2)],
                Phase = PodPhase.Running,
            }
        );
        tightened.Changed(compiler.Flush());
        Assert.False(tightened.Any);

        // It goes again.
        state.RemovePod(new PodKey("default", "far"));
        tightened.Changed(compiler.Flush());
        Assert.Equal([Sample.Address(1)], tightened.Take());
    }

    private static string? Claim(ClusterCase cluster)
    {
        var state = cluster.ToState();
        var compiler = new NodeCompiler(state, Sample.Node);
        var evaluator = new Evaluator(state);
        var tightened = new RestrictedAddresses();
        tightened.Replaced(compiler.Snapshot());
        tightened.Take();

        // Nodes are left out: the kernel tells its own by locality, not by what their objects say.
        var nodes = cluster
            .Nodes.Concat(cluster.Changes.OfType<NodeChange>().Select(static change => change.After).OfType<Node>())
            .SelectMany(static node => node.Addresses)
            .ToHashSet();
        var all = FlowClasses
            .Of(state)
            .All()
            .Concat(FlowClasses.Of(cluster.ToFinalState()).All())
            .Where(flow => !nodes.Contains(flow.Source.Address) && !nodes.Contains(flow.Destination.Address))
            .ToList();
        var flows = all.Where((_, index) => index % Math.Max(1, all.Count / MostFlows) == 0).ToList();
        var before = flows.ConvertAll(flow => Denied(flow));
        foreach (var change in cluster.Changes)
        {
            change.Apply(state);
            tightened.Changed(compiler.Flush());
            var taken = tightened.Take();
            for (var i = 0; i < flows.Count; i++)
            {
                var denied = Denied(flows[i]);
                var missing = denied.Except(before[i]).Except(taken).ToList();
                if (missing.Count > 0)
                {
                    return $"{change.What}: {flows[i]} is denied from now on, and {missing[0]} was not told";
                }

                before[i] = denied;
            }
        }

        return null;

        // Local addresses whose fence refuses the flow.
        IpAddress[] Denied(Flow flow)
        {
            var (source, destination) = (
                FlowEndpoint.Resolve(state, flow.Source.Address),
                FlowEndpoint.Resolve(state, flow.Destination.Address)
            );
            var verdict = evaluator.Evaluate(
                flow.Protocol is { } protocol
                    ? new Flow(source, destination, protocol, flow.Port)
                    : Flow.OfOtherProtocol(source, destination)
            );
            return [.. Side(verdict.Egress, source), .. Side(verdict.Ingress, destination)];
        }

        IEnumerable<IpAddress> Side(SideVerdict side, FlowEndpoint end) =>
            !side.Allowed && side.Pod is { } pod && state.FindPod(pod)!.NodeName == Sample.Node ? [end.Address] : [];
    }
}
