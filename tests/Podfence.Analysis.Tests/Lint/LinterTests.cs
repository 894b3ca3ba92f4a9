using System.Text;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class LinterTests
{
    private const string Ignored = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {podfence.io/lint-ignore: NAMESPACE}}}
        ---
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: all, namespace: shop, annotations: {podfence.io/lint-ignore: "POLICY"}}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}], egress: [{}]}}
        ---
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: other, namespace: elsewhere}, spec: {podSelector: {}, ingress: [{}]}}
        """;

    [Theory]
    [InlineData("x", "x", "PF008 shop/all, PF016 shop/all, PF016 elsewhere/other", 0)]
    [InlineData("x", "PF016", "PF008 shop/all, PF016 elsewhere/other", 1)]
    [InlineData("x", "rules-not-in-force,pf016", "PF016 elsewhere/other", 2)]
    [InlineData("allows-everything", "PF008", "PF016 elsewhere/other", 2)]
    [InlineData("all", "", "PF016 elsewhere/other", 2)]
    [InlineData("x", "PF01", "PF008 shop/all, PF016 shop/all, PF016 elsewhere/other", 0)]
    public void Run_AnnotatedObjects_AreSilenced(string ofNamespace, string ofPolicy, string found, int silenced)
    {
        var cluster = Clusters.Of(
            Ignored
                .Replace("NAMESPACE", ofNamespace, StringComparison.Ordinal)
                .Replace("POLICY", ofPolicy, StringComparison.Ordinal)
        );

        var report = Linter.Run(
            cluster,
            new LintOptions { Rules = [LintRules.Find("PF008")!, LintRules.Find("PF016")!] },
            TestContext.Current.CancellationToken
        );

        Assert.Equal(
            found,
            string.Join(
                ", ",
                report
                    .Findings.OrderBy(static finding => finding.Location.Line)
                    .Select(static finding => $"{finding.Rule.Id} {finding.Subject.Namespace}/{finding.Subject.Name}")
            )
        );
        Assert.Equal(silenced, report.Silenced);
    }

    [Fact]
    public void Run_Options_FilterTheFindings()
    {
        var cluster = Clusters.Of(Ignored);

        Assert.Equal(["PF008"], Ids(cluster, new LintOptions { MinSeverity = LintSeverity.Error }));
        Assert.Equal(["PF016"], Ids(cluster, new LintOptions { Namespace = "elsewhere" }));
        Assert.Equal(
            ["PF023"],
            Ids(cluster, new LintOptions { Namespace = "shop", Rules = [LintRules.Find("unknown-ignore")!] }).Distinct()
        );
    }

    [Fact]
    public void Run_ObjectsOfAnApiServer_AreSilencedAndReportedWithoutLines()
    {
        var (state, ignores) = (new ClusterState(), new Dictionary<ObjectReference, string>());
        Upsert(
            state,
            ignores,
            """{"metadata":{"name":"all","namespace":"shop","annotations":{"a":"b","podfence.io/lint-ignore":"PF016"}},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{}],"egress":[{}]}}"""
        );
        // What an older server accepted.
        Upsert(
            state,
            ignores,
            """{"metadata":{"name":"old","namespace":"shop"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16"]}}]}]}}"""
        );

        var report = Linter.Run(
            Cluster.Complete(new(state, [], []) { LintIgnores = ignores }),
            new LintOptions(),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(
            ["PF008 Error API", "PF013 Warning API", "PF017 Info API"],
            report.Findings.Select(static finding => $"{finding.Rule.Id} {finding.Severity} {finding.Location}")
        );
        Assert.Equal(1, report.Silenced);
    }

    [Fact]
    public void Run_AnyFinding_HasALineAndAFix()
    {
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(Clusters.RepositoryRoot, "tests/scenarios/lint"),
                "*.yaml",
                SearchOption.AllDirectories
            )
        )
        {
            var lines = File.ReadAllLines(file);
            foreach (
                var finding in Linter
                    .Run(Clusters.Of(File.ReadAllText(file)), new LintOptions(), TestContext.Current.CancellationToken)
                    .Findings
            )
            {
                Assert.InRange(finding.Location.Line, 1, lines.Length);
                Assert.NotEmpty(finding.Message);
                Assert.NotEmpty(finding.Fix);
            }
        }
    }

    [Fact]
    public void Run_WithoutPodsAndNamespaces_ReportsNothingAboutThem()
    {
        var text = string.Join(
            "\n---\n",
            Directory
                .EnumerateFiles(
                    Path.Combine(Clusters.RepositoryRoot, "tests/scenarios/lint"),
                    "hits.yaml",
                    SearchOption.AllDirectories
                )
                .SelectMany(
                    static (file, index) =>
                        File.ReadAllText(file)
                            .Split("---\n")
                            .Where(static document =>
                                document.Contains("kind: NetworkPolicy", StringComparison.Ordinal)
                            )
                            .Select(document =>
                                document
                                    .Replace(
                                        "metadata: {name: ",
                                        $"metadata: {{name: x{index}-",
                                        StringComparison.Ordinal
                                    )
                                    .Replace("namespace: ", $"namespace: x{index}-", StringComparison.Ordinal)
                            )
                )
        );

        var found = Ids(Clusters.Of(text), new LintOptions());

        Assert.DoesNotContain(found, static id =>
            id is "PF002" or "PF003" or "PF004" or "PF005" or "PF010" or "PF012" or "PF015" or "PF020"
        );
    }

    private static void Upsert(ClusterState state, Dictionary<ObjectReference, string> ignores, string json)
    {
        ListItemReader.ReadObject("NetworkPolicy", Encoding.UTF8.GetBytes(json), out var read, out var lintIgnore);
        state.Upsert(read!.Value);
        if (lintIgnore is not null)
        {
            ignores[read.Value.Reference] = lintIgnore;
        }
    }

    private static IReadOnlyList<string> Ids(Cluster cluster, LintOptions options) =>
        [
            .. Linter
                .Run(cluster, options, TestContext.Current.CancellationToken)
                .Findings.Select(static finding => finding.Rule.Id),
        ];
}
