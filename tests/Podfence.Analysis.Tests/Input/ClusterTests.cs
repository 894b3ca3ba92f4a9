using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class ClusterTests
{
    private const string Deployment =
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {labels: "
        + "{app: web}}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}}}";

    [Theory]
    [InlineData("apps/v1", "Deployment", "{template: TEMPLATE}")]
    [InlineData("apps/v1", "StatefulSet", "{template: TEMPLATE}")]
    [InlineData("apps/v1", "DaemonSet", "{template: TEMPLATE}")]
    [InlineData("apps/v1", "ReplicaSet", "{template: TEMPLATE}")]
    [InlineData("batch/v1", "Job", "{template: TEMPLATE}")]
    [InlineData("batch/v1", "CronJob", "{schedule: '* * * * *', jobTemplate: {spec: {template: TEMPLATE}}}")]
    public void Complete_WorkloadWithoutPods_IsTwoPodsOfItsTemplate(string version, string kind, string spec)
    {
        var template =
            "{metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: "
            + "80}]}]}}";
        var cluster = Clusters.Of(
            $"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web, namespace: shop}}, spec: "
                + $"{spec.Replace("TEMPLATE", template, StringComparison.Ordinal)}}}"
        );

        var pods = cluster.State.Pods.OrderBy(static pod => pod.Key).ToList();

        Assert.Equal(
            [$"shop/{kind.ToLowerInvariant()}/web", $"shop/{kind.ToLowerInvariant()}/web (another pod)"],
            pods.Select(pod => pod.Key.ToString())
        );
        Assert.All(pods, pod =>
        {
            Assert.Equal(LabelSet.Of(("app", "web")), pod.Labels);
            Assert.Equal([new ContainerPort("http", 80, Protocol.Tcp)], pod.Ports);
            Assert.True(pod.IsEndpoint);
            Assert.All(pod.Addresses, address => Assert.True(cluster.IsPlaceholder(address)));
        });
        Assert.Contains("shop", cluster.State.Namespaces.Keys);
    }

    [Fact]
    public void Complete_WorkloadWithAPod_AddsNoPods()
    {
        var cluster = Clusters.Of(
            Deployment
                + """

                ---
                {apiVersion: v1, kind: Pod, metadata: {name: web-5d9-x1, labels: {pod-template-hash: 5d9}, ownerReferences: [{kind: ReplicaSet, name: web-5d9, controller: true}]}}
                """
        );

        var pod = Assert.Single(cluster.State.Pods);

        Assert.Equal(new WorkloadRef("Deployment", "web"), pod.Workload);
    }

    [Fact]
    public void Complete_ReplicaSetOfADeployment_IsTheDeployment()
    {
        var cluster = Clusters.Of(
            Deployment
                + """

                ---
                {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-5d9, labels: {pod-template-hash: 5d9}, ownerReferences: [{kind: Deployment, name: web, controller: true}]}, spec: {template: {metadata: {labels: {app: web}}}}}
                """
        );

        Assert.All(cluster.State.Pods, pod => Assert.Equal(new WorkloadRef("Deployment", "web"), pod.Workload));
        Assert.Equal(2, cluster.State.Pods.Count());
    }

    [Theory]
    [InlineData("Job", "backup-29012345", "", "CronJob", "backup")]
    [InlineData("Job", "backup", "", "Job", "backup")]
    [InlineData("ReplicaSet", "web-5d9", "5d9", "Deployment", "web")]
    [InlineData("ReplicaSet", "web-5d9", "", "ReplicaSet", "web-5d9")]
    [InlineData("Rollout", "web", "", "Rollout", "web")]
    public void OfController_Owner_IsTheTopLevelWorkload(
        string kind,
        string name,
        string hash,
        string workloadKind,
        string workload
    ) =>
        Assert.Equal(
            new WorkloadRef(workloadKind, workload),
            WorkloadRef.OfController(kind, name, LabelSet.Of(("pod-template-hash", hash)))
        );

    [Fact]
    public void Complete_MissingAddresses_AreFreeOnesOfTheNodesBlocks()
    {
        var cluster = Clusters.Of(
            """
            {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDRs: [10.1.0.0/30]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: a}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: b}, status: {podIP: 10.1.0.2}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {nodeName: n2}}
            """
        );

        Assert.Equal(
            ["10.244.0.2", "10.1.0.2", "10.244.0.3"],
            cluster.State.Pods.OrderBy(static pod => pod.Key).Select(pod => pod.Addresses.Single().ToString())
        );
        Assert.Equal(
            [false, true],
            cluster
                .State.Pods.OrderBy(static pod => pod.Key)
                .Take(2)
                .Select(pod => !cluster.IsPlaceholder(pod.Addresses[0]))
        );
        Assert.Equal(["n1", "n2"], cluster.State.Nodes.Keys.Order());
        Assert.All(cluster.State.Nodes.Values, node =>
            Assert.True(cluster.IsPlaceholder(Assert.Single(node.Addresses)))
        );
    }

    [Fact]
    public void Complete_NoAddressAnywhere_AssignsBothFamilies() =>
        Assert.Equal(
            [IpFamily.IPv4, IpFamily.IPv6],
            Clusters.Of(Deployment).State.Pods.First().Addresses.Select(address => address.Family)
        );
}
