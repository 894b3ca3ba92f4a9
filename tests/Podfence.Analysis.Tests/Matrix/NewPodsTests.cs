using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class NewPodsTests
{
    private const string Cluster = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: ops}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: []}}
        ---

        """;

    [Theory]
    [InlineData("{podSelector: {matchLabels: {app: api}}}", "new pods with app=api in namespace shop")]
    [InlineData("{podSelector: {}}", "new pods in namespace shop")]
    [InlineData(
        "{namespaceSelector: {matchLabels: {team: ops}}}",
        "new pods in namespace ops or new namespaces with team=ops"
    )]
    [InlineData(
        "{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: api}}}",
        "new pods with app=api in namespace ops or new namespaces with team=ops"
    )]
    [InlineData("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}", "new pods in namespace ops")]
    [InlineData(
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: later}}}",
        "new pods in new namespaces with kubernetes.io/metadata.name=later"
    )]
    [InlineData(
        "{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [shop]}]}, podSelector: "
            + "{matchExpressions: [{key: app, operator: Exists}]}}",
        "new pods with app in namespace ops or new namespaces"
    )]
    [InlineData(
        "{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: app, operator: DoesNotExist}]}}"
    )]
    public void Of_OnePeer_AreItsMatchesAndTheOthers(string peer, params string[] names)
    {
        var matrix = ReachMatrix.Of(Clusters.Of(Cluster + Policy(peer)), new() { Exposure = true });

        var found = matrix.Groups.Where(static group => group.Kind == GroupKind.NewPods).ToList();

        Assert.Equal(["new pods (others)", .. names], found.Select(static group => group.Name));
        Assert.Equal(
            [false, .. names.Select(static _ => true)],
            found.Select(group => matrix.Row(matrix.Find(group.Name)!.Value)[matrix.Find("shop/db")!.Value].Every.IsAll)
        );
    }

    [Fact]
    public void Of_ANamespaceThatIsolates_FencesItsNewPodsToo()
    {
        var matrix = ReachMatrix.Of(
            Clusters.Of(
                Cluster
                    + "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: "
                    + "ops}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}"
            ),
            new() { Exposure = true }
        );

        var fenced = matrix.Find("new pods in namespace ops")!.Value;

        Assert.True(matrix.Row(fenced)[matrix.Find("shop/db")!.Value].Some.IsEmpty);
        Assert.True(matrix.Row(matrix.Find("shop/db")!.Value)[fenced].Some.IsEmpty);
        Assert.Equal((Isolation.All, Isolation.All), (matrix.Groups[fenced].Ingress, matrix.Groups[fenced].Egress));
    }

    private static string Policy(string peer) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: shop}}, spec: "
        + $"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{peer}]}}]}}}}";
}
