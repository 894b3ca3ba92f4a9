using Podfence.Manifests;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>One list of everything, of a real API server, with more and fewer rights.</summary>
[Collection("real API server")]
public sealed class RealListTests(RealServer real)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_WorkloadsOfARealServer_StandForPodsUnlessCompleted()
    {
        var server = real.Server;
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"listed"}}""", Token);
        const string Template =
            """{"metadata":{"labels":{"app":"web"}},"spec":{"restartPolicy":"POLICY","containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":8080}]}]}}""";
        var always = Template.Replace("POLICY", "Always", StringComparison.Ordinal);
        var never = Template.Replace("POLICY", "Never", StringComparison.Ordinal);
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/apps/v1/namespaces/listed/deployments",
            """{"metadata":{"name":"web"},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"}},"template":"""
                + always
                + "}}",
            Token
        );
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/apps/v1/namespaces/listed/statefulsets",
            """{"metadata":{"name":"db"},"spec":{"serviceName":"db","selector":{"matchLabels":{"app":"web"}},"template":"""
                + always
                + "}}",
            Token
        );
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/batch/v1/namespaces/listed/jobs",
            """{"metadata":{"name":"running"},"spec":{"template":""" + never + "}}",
            Token
        );
        await server.SendAsync(
            HttpMethod.Post,
            "/apis/batch/v1/namespaces/listed/jobs",
            """{"metadata":{"name":"done"},"spec":{"template":""" + never + "}}",
            Token
        );
        await server.SendAsync(
            HttpMethod.Patch,
            "/apis/batch/v1/namespaces/listed/jobs/done/status",
            """{"status":{"conditions":[{"type":"Complete","status":"True"}]} }""",
            Token
        );

        var all = await ListAsync(server.AdminKubeconfig);

        var mine = all.Workloads.Where(static workload => workload.Namespace == "listed").ToList();
        Assert.Equal(
            ["deployment/web", "job/running", "statefulset/db"],
            mine.Select(static workload => workload.Ref.ToString()).Order(StringComparer.Ordinal)
        );
        Assert.All(mine, static workload =>
            Assert.Equal(
                ("web", "http", 8080),
                (workload.Template.Labels["app"], workload.Template.Ports[0].Name, workload.Template.Ports[0].Number)
            )
        );
        Assert.Empty(all.Diagnostics);
    }

    [Fact]
    public async Task List_PermissionsOfTheAgentOnly_NamesTheSkippedKinds()
    {
        var all = await ListAsync(real.Server.WriteKubeconfig("agent-list", $"token: {EnvTest.AgentToken}"));

        Assert.NotEmpty(all.Namespaces);
        Assert.Contains(
            "API: warning: deployments.apps may not be listed: workloads without pods are not included (grant the "
                + "verb list on deployments.apps)",
            all.Diagnostics.Select(static fault => fault.ToString())
        );
    }

    [Fact]
    public async Task List_NoPermissions_NamesEveryMissingPermission()
    {
        var failure = await Assert.ThrowsAsync<ClusterListException>(() =>
            ListAsync(real.Server.WriteKubeconfig("nobody-list", $"token: {EnvTest.NobodyToken}"))
        );

        Assert.Equal(KubeError.Forbidden, failure.Reason);
        Assert.Contains(
            "this user may not list namespaces, networkpolicies.networking.k8s.io, pods in all namespaces",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("User \"nobody\" cannot list resource", failure.Message, StringComparison.Ordinal);
        Assert.Contains(
            "kubectl create clusterrole podfence-reader --verb=list --resource=namespaces,nodes,",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task List_UnknownAuthority_IsReported()
    {
        var server = real.Server;
        using var folder = new TempFolder();
        var kubeconfig = folder.Write(
            "config",
            $"""
            current-context: c
            contexts:
            - name: c
              context:
                cluster: k
            clusters:
            - name: k
              cluster:
                server: {server.Server}
            """
        );

        var failure = await Assert.ThrowsAsync<ClusterListException>(() => ListAsync(kubeconfig));

        Assert.Equal(KubeError.TlsFailed, failure.Reason);
    }

    private static async Task<ObjectSet> ListAsync(string kubeconfig)
    {
        using var client = new KubeClient(
            ClusterAccess.Load(new AccessOptions { Kubeconfig = kubeconfig, Environment = static _ => null })
        );
        return await new ClusterLister(client, new ClusterListOptions { PageSize = 3 }).ListAsync(null, Token);
    }
}
