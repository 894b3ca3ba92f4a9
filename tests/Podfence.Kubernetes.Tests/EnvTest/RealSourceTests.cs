using System.Text;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>A source beside a real API server.</summary>
[Collection("real API server")]
public sealed class RealSourceTests(RealServer real)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Source_ObjectsMadeWithKubectl_AreEmittedAsTheyChange()
    {
        var server = real.Server;
        Assert.SkipUnless(EnvTestBinaries.HasKubectl, "there is no kubectl beside the API server");
        await using var live = new LiveSource(server.WriteKubeconfig("agent", $"token: {EnvTest.AgentToken}"));
        await live.Source.Synced.WaitAsync(Token);
        await server.KubectlAsync(
            ["apply", "-f", "-"],
            """
            # Text that begins with a brace would be taken for JSON.
            {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: blue}}}
            ---
            {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.1.0.0/24}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}
            """,
            Token
        );
        await live.UntilAsync(
            () =>
                live.Listener.Read(static listener =>
                    listener.State.FindPolicy(new PolicyKey("shop", "deny")) is { IsolatesEgress: true }
                    && listener.State.FindPod(new PodKey("shop", "web")) is { Ports: [{ Name: "http", Number: 80 }] }
                    && listener.State.Namespaces.GetValueOrDefault("shop")?.Labels["team"] == "blue"
                    && listener.State.Nodes.GetValueOrDefault("n1")?.PodCidrs is [var cidr]
                    && cidr == Cidr.Parse("10.1.0.0/24")
                ),
            "what was applied"
        );

        await server.KubectlAsync(["label", "pod", "web", "-n", "shop", "app=db", "--overwrite"], null, Token);
        await server.KubectlAsync(["delete", "networkpolicy", "deny", "-n", "shop"], null, Token);

        await live.UntilAsync(
            () =>
                live.Listener.Read(static listener =>
                    listener.State.FindPolicy(new PolicyKey("shop", "deny")) is null
                    && listener.State.FindPod(new PodKey("shop", "web"))?.Labels["app"] == "db"
                ),
            "the changes"
        );
        await server.KubectlAsync(["delete", "pod", "web", "-n", "shop", "--force", "--grace-period=0"], null, Token);
        await live.UntilAsync(() => !live.HasPod("shop", "web"), "the removal");
        Assert.Empty(live.Listener.Unreadables);
    }

    [Fact]
    public async Task Source_PagesOfARealServer_AreAllEmitted()
    {
        var server = real.Server;
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"many"}}""", Token);
        for (var i = 0; i < 40; i++)
        {
            await PostPodAsync(server, "many", $"pod-{i}");
        }

        await using var live = new LiveSource(
            server.AdminKubeconfig,
            new ReflectorOptions { PageSize = 7, StreamLists = false }
        );
        await live.Source.Synced.WaitAsync(Token);

        Assert.Equal(40, live.Listener.Read(static listener => listener.State.PodsIn("many").Count));
    }

    [Fact]
    public async Task Source_ClientCertificate_IsAccepted()
    {
        var (certificate, key) = real.Server.SignClient("node-agent", $"\"{EnvTest.AgentGroup}\"");
        await using var live = new LiveSource(
            real.Server.WriteKubeconfig(
                "certificate",
                $"client-certificate-data: {Base64(certificate)}, client-key-data: {Base64(key)}"
            )
        );

        await live.Source.Synced.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Source_ExecPlugin_IsAccepted()
    {
        using var folder = new TempFolder();
        var plugin = folder.WriteScript(
            "plugin",
            $$"""
            echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"{{EnvTest.AgentToken}}"} }'
            """
        );
        await using var live = new LiveSource(
            real.Server.WriteKubeconfig(
                "exec",
                $"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: {plugin}}}"
            )
        );

        await live.Source.Synced.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Source_RejectedToken_IsAcceptedOnceItHasRotated()
    {
        using var folder = new TempFolder();
        var token = folder.Write("token", "expired");
        await using var live = new LiveSource(real.Server.WriteKubeconfig("rotating", $"tokenFile: {token}"));
        await live.UntilAsync(() => live.Listener.Read(static listener => listener.Failures.Count) >= 4, "refusals");
        Assert.All(live.Listener.Read(static listener => listener.Failures.ToArray()), static item =>
            Assert.Equal(KubeError.Unauthorized, item.What.Failure.Reason)
        );

        folder.Write("token", EnvTest.AgentToken);

        await live.Source.Synced.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Source_NoPermissions_IsForbiddenAndRetries()
    {
        await using var live = new LiveSource(real.Server.WriteKubeconfig("nobody", $"token: {EnvTest.NobodyToken}"));

        await live.UntilAsync(() => live.Listener.Read(static listener => listener.Failures.Count) >= 8, "refusals");

        Assert.All(live.Listener.Read(static listener => listener.Failures.ToArray()), static item =>
            Assert.True(
                item.What.Failure.Reason == KubeError.Forbidden
                    && item.What.Failure.Message.Contains(
                        "is forbidden: User \"nobody\" cannot",
                        StringComparison.Ordinal
                    ),
                item.What.Failure.Message
            )
        );
        Assert.False(live.Source.Synced.IsCompleted);
    }

    internal static Task PostPodAsync(TestKit.EnvTest server, string space, string name) =>
        server.SendAsync(
            HttpMethod.Post,
            $"/api/v1/namespaces/{space}/pods",
            $$"""{"metadata":{"name":"{{name}}"},"spec":{"containers":[{"name":"c","image":"i"}]} }""",
            Token
        );

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
