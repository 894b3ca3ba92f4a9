using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class MatrixGraphTests
{
    [Fact]
    public void Of_WhatNoPolicyRestricts_HasNoEdges() => Assert.Empty(Graph("").Edges);

    [Theory]
    [InlineData("[{}]", "all sources -> shop/db: all")]
    [InlineData("[{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]", "all pods -> shop/db: 80/TCP")]
    [InlineData(
        "[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]",
        "ops -> shop/db: all"
    )]
    [InlineData("[{from: [{podSelector: {matchLabels: {app: api}}}]}]", "shop/api -> shop/db: all")]
    [InlineData("[]")]
    public void Of_OneFencedPod_HasEdgesOfTheWidestSources(string ingress, params string[] edges) =>
        Assert.Equal(edges, Edges(Graph(Policy("db", "{app: db}", ingress))));

    [Fact]
    public void Of_RecurringSources_AreMerged()
    {
        const string Guests =
            "[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector: "
            + "{matchExpressions: [{key: app, operator: In, values: [a, b, c]}]}}]}]";

        var graph = Graph(Policy("db", "{app: db}", Guests), Policy("api", "{app: api}", Guests));

        Assert.Equal(
            ["ops/a, ops/b and 1 more -> shop/api: all", "ops/a, ops/b and 1 more -> shop/db: all"],
            Edges(graph)
        );
        Assert.Equal("ops/a, ops/b, ops/c", Assert.Single(graph.Sources).Members);
    }

    private static IEnumerable<string> Edges(MatrixGraph graph) =>
        graph.Edges.Select(edge => $"{edge.From.Name} -> {graph.Groups[edge.To].Name}: {edge.Cell}");

    private static MatrixGraph Graph(params string[] policies) =>
        MatrixGraph.Of(
            ReachMatrix.Of(
                Clusters.Of(
                    string.Join(
                        "\n---\n",
                        [
                            Pod("shop", "db"),
                            Pod("shop", "api"),
                            .. "abcd".Select(static letter => Pod("ops", $"{letter}")),
                            .. policies.Where(static policy => policy.Length > 0),
                        ]
                    )
                )
            ),
            TestContext.Current.CancellationToken
        );

    private static string Pod(string home, string name) =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {home}, labels: {{app: {name}}}}}, "
        + $"spec: {{containers: []}}}}";

    private static string Policy(string name, string labels, string ingress) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: shop}}, "
        + $"spec: {{podSelector: {{matchLabels: {labels}}}, policyTypes: [Ingress], ingress: {ingress}}}}}";
}
