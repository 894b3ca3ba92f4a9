using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>The live cluster as one side, and as the pods of both.</summary>
public sealed class LiveDiffTests
{
    private const string Cluster = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: blue}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.1.0.2}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.1.0.3}}
        ---
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}}
        """;

    private const string Allow =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: allow, namespace: shop}, spec: "
        + "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: "
        + "blue}}}], ports: [{port: 6379}]}]}}";

    private const string Elsewhere =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: other, namespace: shop}, spec: "
        + "{podSelector: {matchLabels: {app: none}}}}";

    [Fact]
    public async Task Diff_LiveAgainstFiles_ReportsTheEffectOfApplying()
    {
        await using var live = await LiveCluster.StartAsync(Cluster);

        var run = await live.RunAsync("diff", "--live", "-f", live.Write("allow.yaml", Allow), "--fail-on", "opened");

        Assert.Contains(
            "opened  shop/web  shop/db  6379/TCP\n",
            run.Ended(ExitCodes.Differs).Output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("closed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_PolicyThatTheFilesLack_StaysUnlessPruned()
    {
        await using var live = await LiveCluster.StartAsync(Cluster);
        var files = live.Write("other.yaml", Elsewhere);

        (await live.RunAsync("diff", "--live", "-f", files)).Succeeded();
        var pruned = await live.RunAsync("diff", "--live", "-f", files, "--prune");

        Assert.Contains(
            "removed  NetworkPolicy shop/deny",
            pruned.Ended(ExitCodes.Differs).Output,
            StringComparison.Ordinal
        );
        Assert.Contains("shop/web", pruned.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_FoldersOfPolicies_UsePodsOfTheLiveCluster()
    {
        await using var live = await LiveCluster.StartAsync(Cluster);

        var run = await live.RunAsync(
            "diff",
            live.Write("old.yaml", Elsewhere),
            live.Write("new.yaml", Allow),
            "--live"
        );

        // Without the policy that the cluster has, the database was open.
        Assert.Matches(@"closed +shop/web +shop/db", run.Ended(ExitCodes.Differs).Output);
    }

    [Fact]
    public async Task Diff_ManyConnections_MarkdownStaysWithinAComment()
    {
        await using var live = await LiveCluster.StartAsync(
            string.Join(
                "\n---\n",
                Enumerable
                    .Range(0, 60)
                    .Select(static i =>
                        $"{{apiVersion: v1, kind: Pod, metadata: {{name: a-workload-with-a-long-name-{i}}}, spec: "
                        + $"{{containers: [{{name: c, image: i}}]}}, status: {{phase: Running, podIP: "
                        + $"10.2.0.{i + 1}}}}}"
                    )
            )
        );

        var run = await live.RunAsync(
            "diff",
            "--live",
            "-f",
            live.Write(
                "deny.yaml",
                "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: "
                    + "{podSelector: {}}}"
            ),
            "-o",
            "markdown"
        );

        Assert.InRange(run.Ended(ExitCodes.Differs).Output.Length, 50_000, 65_000);
        Assert.Matches(@"\nand [\d,]+ more \(see", run.Output);
        Assert.EndsWith("</details>\n", run.Output, StringComparison.Ordinal);
    }
}
