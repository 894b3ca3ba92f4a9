using Podfence.Evaluation;
using Podfence.Evaluation.Tests;
using Podfence.Model;

namespace Podfence.TestKit.Tests;

public sealed class ShrinkerTests
{
    [Fact]
    public void Check_FalseProperty_ShowsSeedAndSmallestCase()
    {
        // As if a compiler forgot exceptions: the smallest case needs one policy, one rule, one block, one exception,
        // and nothing else.
        static string? Claim(ClusterCase cluster) =>
            cluster.Policies.Any(static policy =>
                policy.Egress.Any(static rule =>
                    rule.Peers.OfType<IpBlockPeer>().Any(static block => !block.Except.IsEmpty)
                )
            )
                ? "an exception"
                : null;

        var failure = Assert.Throws<CaseFailedException>(static () =>
            Cases.Check(1000, Claim, static seed => ClusterGenerator.Generate(seed, 5))
        );
        Assert.Equal(
            (0, 0, 0),
            (failure.Shrunken.Nodes.Count, failure.Shrunken.Namespaces.Count, failure.Shrunken.Pods.Count)
        );
        var policy = Assert.Single(failure.Shrunken.Policies);
        Assert.Empty(policy.Ingress);
        Assert.Single(Assert.IsType<IpBlockPeer>(Assert.Single(Assert.Single(policy.Egress).Peers)).Except);
        Assert.Empty(failure.Shrunken.Changes);
        Assert.StartsWith(
            $"an exception\nseed {failure.Seed} (repeat with PODFENCE_SEED={failure.Seed}), shrunken "
                + $"to\n---\n{{apiVersion: networking.k8s.io/v1",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Check_PropertyOfAVerdict_KeepsWhatItNeeds()
    {
        static string? Claim(ClusterCase cluster)
        {
            var state = cluster.ToFinalState();
            var evaluator = new Evaluator(state);
            return FlowClasses
                .Of(state)
                .All()
                .Where(flow => !evaluator.IsAllowed(flow))
                .Select(static flow => flow.ToString())
                .FirstOrDefault();
        }

        var failure = Assert.Throws<CaseFailedException>(static () => Cases.Check(100, Claim));
        var shrunken = failure.Shrunken;
        Assert.Equal(
            (0, 0, 1, 1),
            (shrunken.Nodes.Count, shrunken.Namespaces.Count, shrunken.Pods.Count, shrunken.Policies.Count)
        );
        Assert.Single(shrunken.Pods[0].Addresses);
    }

    [Fact]
    public void Check_PropertyThatThrows_Fails()
    {
        var failure = Assert.Throws<CaseFailedException>(static () =>
            Cases.Check(10, static _ => throw new InvalidOperationException("oops"))
        );
        Assert.Contains("oops", failure.Violation, StringComparison.Ordinal);
        Assert.Equal(new ClusterCase(), failure.Shrunken);
    }

    [Fact]
    public void Dump_OfACluster_IsOneObjectALine()
    {
        var world = new World();
        world.Pod("default/a", "app=x", "n1", new ContainerPort("http", 80, Protocol.Tcp));
        world.Policy(
            "default/p",
            World.Select("app=x"),
            ingress:
            [
                World.Rule(
                    [World.Block("10.0.0.0/8", "10.1.0.0/16"), World.In("a=b", "c=d")],
                    [World.Range(1, 2), World.Named("http")]
                ),
            ]
        );
        Assert.Contains(
            "{apiVersion: v1, kind: Pod, metadata: {namespace: default, name: a, labels: {app: \"x\"}, "
                + "creationTimestamp: 1970-01-01T00:00:01Z}, "
                + "spec: {nodeName: n1, containers: [{name: c0, ports: [{name: http, containerPort: 80, protocol: "
                + "TCP}]}]}, "
                + "status: {phase: Running, podIPs: [{ip: \"10.244.0.1\"}, {ip: \"fd00:244::1\"}]}}",
            ClusterDump.Text(world.State),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [\"x\"]}]}, policyTypes: "
                + "[Ingress], "
                + "ingress: [{from: [{ipBlock: {cidr: \"10.0.0.0/8\", except: [\"10.1.0.0/16\"]}}, "
                + "{namespaceSelector: {matchExpressions: [{key: a, operator: In, values: [\"b\"]}]}, "
                + "podSelector: {matchExpressions: [{key: c, operator: In, values: [\"d\"]}]}}], "
                + "ports: [{protocol: TCP, port: 1, endPort: 2}, {protocol: TCP, port: http}]}]}}",
            ClusterDump.Text(world.State),
            StringComparison.Ordinal
        );
    }
}
