using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>
/// What kubectl does to policies, packets obey: three nodes, thirty pods, a real API server, an agent on each node.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class LivePolicyTests
{
    private const string Deny = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: only-api, namespace: s1}
        spec: {podSelector: {matchLabels: {role: db}}, policyTypes: [Ingress]}
        """;

    private const string Open = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: only-api, namespace: s1}
        spec:
          podSelector: {matchLabels: {role: db}}
          policyTypes: [Ingress]
          ingress:
          - from: [{podSelector: {matchLabels: {role: api}}}, {namespaceSelector: {matchLabels: {team: t0}}, podSelector: {matchLabels: {role: web}}}]
            ports: [{port: http}]
        """;

    [Theory]
    [InlineData(PodNetwork.Bridge, DataplaneKind.Nftables)]
    [InlineData(PodNetwork.Routed, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Vxlan, DataplaneKind.IptablesLegacy)]
    public async Task Kubectl_CreatesChangesAndDeletesAPolicy_PacketsFollow(PodNetwork network, DataplaneKind kind)
    {
        LiveCluster.Require();
        await using var cluster = await LiveCluster.StartAsync(
            LiveCluster.Read(Town.Yaml(namespaces: 5)),
            network,
            dataplane: _ => kind
        );
        Assert.Equal(30, (await cluster.StateAsync()).Pods.Count(static pod => pod.IsEndpoint));
        await AgreesAsync(cluster);
        Assert.True(await cluster.PassesAsync("s1/api-0", "s1/db-0", 8080));

        await cluster.KubectlAsync(Deny, "apply", "-f", "-");
        await cluster.UntilAsync("s1/api-0", "s1/db-0", 8080, passes: false);
        await AgreesAsync(cluster);

        await cluster.KubectlAsync(Open, "apply", "-f", "-");
        await cluster.UntilAsync("s1/api-0", "s1/db-0", 8080, passes: true);
        Assert.True(await cluster.PassesAsync("s2/web-0", "s1/db-0", 8080));
        Assert.False(await cluster.PassesAsync("s1/web-0", "s1/db-0", 8080));
        await AgreesAsync(cluster);

        // A label takes a client out, and a namespace's label takes all of its clients out.
        await cluster.KubectlAsync("", "-n", "s1", "label", "pod", "api-0", "role=other", "--overwrite");
        await cluster.UntilAsync("s1/api-0", "s1/db-0", 8080, passes: false);
        await cluster.KubectlAsync("", "label", "namespace", "s2", "team=t9", "--overwrite");
        await cluster.UntilAsync("s2/web-0", "s1/db-0", 8080, passes: false);
        await AgreesAsync(cluster);

        await cluster.KubectlAsync("", "-n", "s1", "delete", "networkpolicy", "only-api");
        await cluster.UntilAsync("s1/web-0", "s1/db-0", 8080, passes: true);
        await AgreesAsync(cluster);
    }

    private static async Task AgreesAsync(LiveCluster cluster)
    {
        // Everybody to the namespace whose policy changes, and to one that no policy selects.
        var (differences, flows) = await cluster.CompareAsync(static flow =>
            flow.To is PodEndpoint { Key.Namespace: "s1" or "s4" }
        );
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
        Assert.True(flows > 500, $"only {flows} flows");
    }
}
