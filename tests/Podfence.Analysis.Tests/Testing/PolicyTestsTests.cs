using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

public sealed class PolicyTestsTests
{
    [Fact]
    public void Run_GeneratedExpectations_Hold() => Cases.Check(150, static cluster =>
        {
            var whole = Cluster.Complete(new(cluster.ToState(), [], []));
            var lines = ExpectationGenerator.Lines(whole, static _ => true, CancellationToken.None).ToList();
            var read = ExpectationReader.ReadText(
                lines.Count == 0 ? "expect: []" : $"expect:\n{string.Join('\n', lines)}\n"
            );
            var report = PolicyTests.Run(whole, read.Items, CancellationToken.None);
            return read.HasErrors || !report.Holds || report.Results.Count != lines.Count
                ? $"{string.Join('\n', read.Diagnostics.Concat(report.Diagnostics))} "
                    + $"{string.Join('\n', report.Results.Where(static result => !result.Holds).Select(static result => result.Expectation))}"
                : null;
        });

    [Fact]
    public void Run_LinesThatDoNotHold_AreExplainedByVerdict()
    {
        var cluster = Clusters.Of(
            """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}}}
            """
        );
        var expectations = ExpectationReader
            .ReadText(
                "expect: [{from: shop/deploy/web, to: shop/db, port: 80, verdict: allow}, {from: shop/db, to: "
                    + "shop/Deployment/*, port: 80, verdict: allow}]"
            )
            .Items;

        var report = PolicyTests.Run(cluster, expectations, CancellationToken.None);

        Assert.False(report.Holds);
        Assert.Equal([false, true], report.Results.Select(result => result.Holds));
        var mismatch = Assert.Single(report.Results[0].Mismatches);
        Assert.Equal((4, false), (mismatch.Flows, mismatch.Verdict.Allowed));
    }

    [Fact]
    public void Run_PatternWithoutMatch_SuggestsTheWorkload()
    {
        var cluster = Clusters.Of(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {}}}"
        );

        var report = PolicyTests.Run(
            cluster,
            ExpectationReader.ReadText("expect: [{from: shop/web, to: 198.51.100.1, port: 80, verdict: allow}]").Items,
            CancellationToken.None
        );

        Assert.False(report.Holds);
        Assert.Equal("did you mean the workload shop/deployment/web?", Assert.Single(report.Diagnostics).Remedy);
    }
}
