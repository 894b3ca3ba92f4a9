using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

public sealed class PodReachTests
{
    [Fact]
    public void Of_FencedPod_ListsEveryOtherAndEveryRangeOnce()
    {
        var cluster = Clusters.Of(
            """
            {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDRs: [10.1.0.0/24]}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
            ---
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {nodeName: n1}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: job, namespace: shop}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [
              {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}, {from: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 80}, {port: 81}]}]}}
            """
        );

        var reach = PodReach.Of(cluster, cluster.State.FindPod(new("shop", "db"))!);

        Assert.Equal(
            [
                "shop/deployment/web 2 5432/TCP",
                "shop/job 1 none",
                "node:n1 0 all",
                "0.0.0.0-198.51.99.255 0 none",
                "198.51.100.0/24 0 80-81/TCP",
                "198.51.101.0-255.255.255.255 0 none",
            ],
            reach.Inbound.Select(line => $"{line.Name} {line.Pods} {line.Ports}")
        );
        Assert.All(reach.Outbound, line => Assert.True(line.Ports.IsAll));
    }

    [Fact]
    public void Of_RandomClusters_AgreesWithTheEvaluatorOnEveryPod() => Cases.Check(100, static cluster =>
        {
            var whole = Cluster.Complete(new(cluster.ToState(), [], []));
            foreach (var pod in whole.State.Pods.Where(static pod => pod.IsEndpoint).ToList())
            {
                var inbound = PodReach.Of(whole, pod).Inbound;
                foreach (var other in whole.State.Pods.Where(other => other.Key != pod.Key && other.IsEndpoint))
                {
                    foreach (
                        var family in IpFamilies.All.Where(family =>
                            pod.AddressOf(family) is not null && other.AddressOf(family) is not null
                        )
                    )
                    {
                        var flow = new Evaluation.Flow(
                            Evaluation.FlowEndpoint.Of(other, other.AddressOf(family)!.Value),
                            Evaluation.FlowEndpoint.Of(pod, pod.AddressOf(family)!.Value),
                            Protocol.Tcp,
                            80
                        );
                        var lines = inbound
                            .Where(line => line.Name == other.Key.ToString() && line.Families.Contains(family))
                            .ToList();
                        if (
                            lines.Count != 1
                            || lines[0].Ports.Contains(Protocol.Tcp, 80) != whole.Evaluator.IsAllowed(flow)
                        )
                        {
                            return $"{flow}: {string.Join(", ", lines)}";
                        }
                    }
                }
            }

            return null;
        });
}
