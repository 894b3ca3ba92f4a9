using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Cli.Tests;

/// <summary>Verbs that ask the live cluster, alone or with files over it.</summary>
public sealed class LiveClusterTests
{
    private const string Shop = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: blue}}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.1.0.2}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{containerPort: 6379}]}]}, status: {phase: Running, podIP: 10.1.0.3}}
        ---
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}}
        """;

    private const string Allow = """
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: allow, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}}
        """;

    [Fact]
    public async Task Explain_NoFiles_ReadsTheClusterInTheContextsNamespace()
    {
        await using var live = await LiveCluster.StartAsync(Shop, "shop");

        var run = (await live.RunAsync("explain", "web", "db:6379")).Succeeded();

        Assert.Contains(
            "shop/web (10.1.0.2) -> shop/db (10.1.0.3) 6379/TCP: denied by ingress",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("Policies that select shop/db: shop/deny (API; ingress)", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Explain_NamespaceOption_OverridesTheContext()
    {
        await using var live = await LiveCluster.StartAsync(Shop, "other");

        (
            await live.RunAsync(
                "explain",
                "web",
                "db:6379",
                "-n",
                "shop",
                "--kubeconfig",
                live.Kubeconfig,
                "--context",
                "lab"
            )
        ).Succeeded();

        (await live.RunAsync("explain", "web", "db:6379")).FailedWith("other/web");
    }

    [Fact]
    public async Task Explain_FilesOverTheLiveCluster_AreApplied()
    {
        await using var live = await LiveCluster.StartAsync(Shop, "shop");
        var file = live.Write("allow.yaml", Allow);

        var run = (await live.RunAsync("explain", "web", "db:6379", "-f", file, "--live")).Succeeded();

        // The namespace that the file only mentions keeps the labels that it has in the cluster.
        Assert.Contains("6379/TCP: allowed", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_FilesAlone_DoNotAskTheCluster()
    {
        await using var live = await LiveCluster.StartAsync(Shop, "shop");

        (await live.RunAsync("explain", "web", "db:6379", "-f", live.Write("allow.yaml", Allow))).FailedWith(
            "default/web"
        );

        Assert.Empty(live.Server.Requests);
    }

    [Fact]
    public async Task Explain_FilesAndAContext_SuggestsLive()
    {
        await using var live = await LiveCluster.StartAsync(Shop);

        (
            await live.RunAsync("explain", "web", "db:6379", "-f", live.Write("allow.yaml", Allow), "--context", "lab")
        ).FailedWith("add --live to apply them to the live cluster");
    }

    [Fact]
    public async Task Test_LiveCluster_EvaluatesExpectations()
    {
        await using var live = await LiveCluster.StartAsync(Shop);
        var tests = live.Write(
            "expect.yaml",
            "expect:\n- {from: shop/web, to: shop/db, port: 6379, verdict: deny}\n- {from: shop/db, to: shop/web, "
                + "port: 80, verdict: allow}\n"
        );

        (await live.RunAsync("test", tests)).Succeeded();

        live.Server.Remove(new("NetworkPolicy", "shop", "deny"));
        (await live.RunAsync("test", tests)).Ended(ExitCodes.Differs);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("-A", 1)]
    [InlineData("-nshop", 1)]
    public async Task Generate_LiveCluster_ListsTheNamespaceThatKubectlWould(string option, int lines)
    {
        await using var live = await LiveCluster.StartAsync(Shop);

        var run = await live.RunAsync([
            .. new[] { "test", "--generate", option }.Where(static word => word.Length > 0),
        ]);

        Assert.Equal(lines > 0, run.Output.Contains("to: shop/db", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_NoFilesAndNoKubeconfig_NamesBothRemedies()
    {
        var run = await CommandRun.RunAsync("explain", "web", "db:6379");

        run.FailedWith("no files are given with -f, and no live cluster is configured: ");
    }

    [Fact]
    public async Task Explain_Forbidden_NamesUserAndResource()
    {
        await using var live = await LiveCluster.StartAsync(Shop);
        live.Server.Faults.DenyAction = 403;

        (await live.RunAsync("explain", "web", "db:6379")).FailedWith(
            "context lab of",
            "this user may not list namespaces, networkpolicies.networking.k8s.io, pods"
        );
    }

    [Fact]
    public async Task Explain_ServerUnreachable_Fails()
    {
        await using var live = await LiveCluster.StartAsync(Shop);
        await live.StopAsync();

        (await live.RunAsync("explain", "web", "db:6379")).FailedWith(
            "the server cannot be reached: Connection refused"
        );
    }

    [Fact]
    public async Task Explain_DeploymentOfARealServer_StandsForItsPods()
    {
        Assert.SkipUnless(EnvTestBinaries.SkipReason is null, EnvTestBinaries.SkipReason ?? "");
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await EnvTest.StartAsync(cancel);
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/apps/v1/namespaces/default/deployments",
            """
            {"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":8080}]}]}}}}
            """,
            cancel
        );
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
            """
            {"metadata":{"name":"http"},"spec":{"podSelector":{"matchLabels":{"app":"web"}},"ingress":[{"ports":[{"port":"http"}]}]}}
            """,
            cancel
        );

        var run = await CommandRun.RunAsync(
            "explain",
            "198.51.100.7",
            "deploy/web:http",
            "--kubeconfig",
            server.AdminKubeconfig
        );

        Assert.Contains(
            "198.51.100.7 -> default/deployment/web 8080/TCP",
            run.Succeeded().Output,
            StringComparison.Ordinal
        );
        Assert.Contains("allowed", run.Output, StringComparison.Ordinal);
    }
}
