using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class OverlayTests
{
    private const string Below = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: blue}}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.1.0.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: web-0
          namespace: shop
          labels: {app: web, tier: old, statefulset.kubernetes.io/pod-name: web-0}
          ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: "1", controller: true}]
        spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
        status: {phase: Running, podIP: 10.1.0.2}
        ---
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelector: {}, policyTypes: [Ingress]}}
        """;

    [Fact]
    public async Task Read_WorkloadAbove_UpdatesItsPodsInPlace()
    {
        var state = await StateAsync(
            """
            {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web, tier: new}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}}}}
            """
        );

        var pod = Assert.Single(state.Pods);
        Assert.Equal(
            LabelSet.Of(("app", "web"), ("tier", "new"), ("statefulset.kubernetes.io/pod-name", "web-0")),
            pod.Labels
        );
        Assert.Equal(8080, Assert.Single(pod.Ports).Number);
        Assert.Equal(("n1", "10.1.0.2"), (pod.NodeName, pod.Addresses[0].ToString()));
    }

    [Fact]
    public async Task Read_PodAbove_KeepsTheStatusThatItHas()
    {
        var pod = Assert.Single(
            (
                await StateAsync(
                    "{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop, labels: {app: other}}, "
                        + "spec: {containers: [{name: c, image: i}]}}"
                )
            ).Pods
        );

        Assert.Equal(
            ("other", "n1", "10.1.0.2", PodPhase.Running, "statefulset/web"),
            (pod.Labels["app"], pod.NodeName, pod.Addresses[0].ToString(), pod.Phase, pod.Workload!.ToString())
        );
    }

    [Fact]
    public async Task Read_PodThatMovesToTheHostNetwork_LosesItsAddress() =>
        Assert.Empty(
            Assert
                .Single(
                    (
                        await StateAsync(
                            "{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop}, spec: "
                                + "{hostNetwork: true, containers: [{name: c, image: i}]}}"
                        )
                    ).Pods
                )
                .Addresses
        );

    [Fact]
    public async Task Read_PolicyAbove_TakesThePlaceOfTheOneBelow()
    {
        var state = await StateAsync(
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: "
                + "{podSelector: {}, policyTypes: [Egress]}}"
        );

        Assert.True(Assert.Single(state.Policies) is { IsolatesEgress: true, IsolatesIngress: false });
    }

    [Fact]
    public async Task Read_NamespaceOnlyMentionedAbove_KeepsItsLabels()
    {
        var mentioned = await StateAsync(
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: q, namespace: shop}, spec: "
                + "{podSelector: {}}}"
        );
        var stated = await StateAsync("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: red}}}");

        Assert.Equal("blue", mentioned.Namespaces["shop"].Labels["team"]);
        Assert.Equal("red", stated.Namespaces["shop"].Labels["team"]);
    }

    [Fact]
    public async Task Read_NodeAbove_KeepsAddressesThatItDoesNotState()
    {
        var node = (await StateAsync("{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {a: b}}}")).Nodes["n1"];

        Assert.Equal(
            ("b", "192.0.2.1", "10.1.0.0/24"),
            (node.Labels["a"], node.Addresses[0].ToString(), node.PodCidrs[0].ToString())
        );
    }

    [Fact]
    public async Task Read_FaultyFiles_DoNotAskTheCluster()
    {
        var input = await new OverlaySource(
            new Unreachable(),
            Source("{apiVersion: v1, kind: Pod, metadata: {}}", faulty: true)
        ).ReadAsync(TestContext.Current.CancellationToken);

        Assert.True(input.HasErrors);
    }

    private static async Task<ClusterState> StateAsync(string above) =>
        (await new OverlaySource(Source(Below), Source(above)).ReadAsync(TestContext.Current.CancellationToken)).State;

    private static TextSource Source(string yaml, bool faulty = false)
    {
        var manifests = ManifestReader.ReadText(yaml, "c.yaml");
        Assert.Equal(faulty, manifests.HasErrors);
        return new(ManifestSource.Of(manifests));
    }

    private sealed class TextSource(ClusterInput input) : IClusterSource
    {
        public Task<ClusterInput> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(input);
    }

    private sealed class Unreachable : IClusterSource
    {
        public Task<ClusterInput> ReadAsync(CancellationToken cancellationToken) =>
            throw new InvalidOperationException("must not be read");
    }
}
