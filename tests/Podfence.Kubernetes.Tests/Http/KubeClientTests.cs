using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

public sealed class KubeClientTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestPki _pki = new();

    public void Dispose()
    {
        _folder.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public async Task GetAsync_OverTls_IsHttp2WithUserAgentAndToken()
    {
        await using var server = await TlsServer.StartAsync(_pki.Sign("CN=server", "127.0.0.1"));
        using var client = Client(server, "token: t1");

        await client.GetAsync("/version?a=b", TestContext.Current.CancellationToken);

        Assert.Equal(["HTTP/2 /version?a=b nobody Bearer t1 podfence/0.1.0"], server.Seen);
    }

    [Fact]
    public async Task GetAsync_ClientCertificateRotates_NewOneIsUsed()
    {
        await using var server = await TlsServer.StartAsync(_pki.Sign("CN=server", "127.0.0.1"));
        using var client = Client(server, "client-certificate: me.crt, client-key: me.key");
        Write(_pki.Sign("CN=old"));
        await client.GetAsync("/1", TestContext.Current.CancellationToken);
        await client.GetAsync("/2", TestContext.Current.CancellationToken);

        Write(_pki.Sign("CN=new"));
        await client.GetAsync("/3", TestContext.Current.CancellationToken);

        Assert.Equal(["CN=old", "CN=old", "CN=new"], server.Seen.Select(static line => line.Split(' ')[2]));

        void Write((string Certificate, string Key) identity)
        {
            _folder.Write("me.crt", identity.Certificate);
            _folder.Write("me.key", identity.Key);
        }
    }

    [Fact]
    public async Task GetAsync_ServerOfAnotherName_IsRejectedUnlessExpected()
    {
        await using var server = await TlsServer.StartAsync(_pki.Sign("CN=server", "api.lab"));
        using var strict = Client(server, "token: t");
        using var named = Client(server, "token: t", "tls-server-name: api.lab");

        var failure = await Assert.ThrowsAsync<KubeException>(() =>
            strict.GetAsync("/", TestContext.Current.CancellationToken)
        );
        await named.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(KubeError.TlsFailed, failure.Reason);
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task GetAsync_UnknownAuthority_IsRejectedUnlessVerificationIsOff()
    {
        using var other = new TestPki();
        await using var server = await TlsServer.StartAsync(other.Sign("CN=server", "127.0.0.1"));
        using var strict = Client(server, "token: t");
        using var blind = new KubeClient(
            ClusterAccess.Load(Options(Config(server, "token: t", "insecure-skip-tls-verify: true")))
        );

        var failure = await Assert.ThrowsAsync<KubeException>(() =>
            strict.GetAsync("/", TestContext.Current.CancellationToken)
        );
        await blind.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(KubeError.TlsFailed, failure.Reason);
    }

    [Fact]
    public async Task GetAsync_TokenExpires_IsRefreshedAndRequestRepeated()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Token = "new";
        var plugin = _folder.WriteScript(
            "plugin",
            $$"""echo run >>{{_folder["runs"]}}; if [ $(wc -l <{{_folder["runs"]}}) = 1 ]; then t=old; else t=new; fi; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$t'"} }'"""
        );
        using var client = new KubeClient(
            ClusterAccess.Load(
                Options(
                    _folder.Write(
                        "c",
                        Config(
                            server.Address,
                            $"exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}",
                            "tls-server-name: ''"
                        )
                    )
                )
            )
        );

        await client.GetAsync("/api/v1/pods", TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_TokenRejected_IsUnauthorizedAndNotRepeated()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Token = "right";
        using var client = new KubeClient(ClusterAccess.To(server.Address, "wrong-secret"));

        var failure = await Assert.ThrowsAsync<KubeException>(() =>
            client.GetAsync("/api/v1/pods", TestContext.Current.CancellationToken)
        );

        Assert.Equal((KubeError.Unauthorized, 401), (failure.Reason, (int)failure.Status!));
        Assert.DoesNotContain("wrong-secret", failure.ToString());
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(400, KubeError.Rejected)]
    [InlineData(403, KubeError.Forbidden)]
    [InlineData(404, KubeError.NotFound)]
    [InlineData(409, KubeError.Conflict)]
    [InlineData(410, KubeError.Gone)]
    [InlineData(422, KubeError.Rejected)]
    [InlineData(429, KubeError.TooManyRequests)]
    [InlineData(500, KubeError.ServerError)]
    [InlineData(503, KubeError.ServerError)]
    [InlineData(504, KubeError.Timeout)]
    public async Task GetAsync_Rejected_HasTheReasonAndRetryAfter(int status, KubeError expected)
    {
        await using var server = await ApiSimulator.StartAsync();
        (server.Faults.DenyAction, server.Faults.RetryAfter) = (status, 7);
        using var client = new KubeClient(ClusterAccess.To(server.Address));

        var failure = await Assert.ThrowsAsync<KubeException>(() =>
            client.GetAsync("/api/v1/pods", TestContext.Current.CancellationToken)
        );

        Assert.Equal((expected, TimeSpan.FromSeconds(7)), (failure.Reason, failure.RetryAfter));
        Assert.Equal($"GET /api/v1/pods: {status} Refused: refused on request", failure.Message);
    }

    [Fact]
    public async Task GetAsync_NoServer_IsConnectionFailed()
    {
        var server = await ApiSimulator.StartAsync();
        var address = server.Address;
        await server.DisposeAsync();
        using var client = new KubeClient(ClusterAccess.To(address));

        Assert.Equal(
            KubeError.ConnectionFailed,
            (
                await Assert.ThrowsAsync<KubeException>(() =>
                    client.GetAsync("/version", TestContext.Current.CancellationToken)
                )
            ).Reason
        );
    }

    [Fact]
    public async Task GetAsync_ServerIsSilent_IsTimeout()
    {
        var time = new FakeTimeProvider();
        await using var server = await ApiSimulator.StartAsync();
        server.Faults.Silent = true;
        using var client = new KubeClient(ClusterAccess.To(server.Address), time: time);
        var waiting = client.GetAsync("/api/v1/pods", TestContext.Current.CancellationToken);
        while (server.Requests.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(KubeError.Timeout, (await Assert.ThrowsAsync<KubeException>(() => waiting)).Reason);
    }

    [Fact]
    public async Task PostAsync_Json_ArrivesWhole()
    {
        await using var server = await TlsServer.StartAsync(_pki.Sign("CN=server", "127.0.0.1"));
        server.Answer = static async context => await context.Request.Body.CopyToAsync(context.Response.Body);
        using var client = Client(server, "token: t");

        var answer = await client.PostAsync(
            "/api/v1/namespaces/x/events",
            """{"kind":"Event"}"""u8.ToArray(),
            TestContext.Current.CancellationToken
        );

        Assert.Equal("""{"kind":"Event"}""", Encoding.UTF8.GetString(answer));
    }

    [Fact]
    public async Task GetAsync_TokenWithLineBreak_IsRejected()
    {
        using var client = new KubeClient(ClusterAccess.To(new Uri("http://127.0.0.1:1"), "secret-a\nb"));

        var failure = await Assert.ThrowsAsync<KubeException>(() =>
            client.GetAsync("/", TestContext.Current.CancellationToken)
        );

        Assert.Equal(KubeError.CredentialsFailed, failure.Reason);
        Assert.DoesNotContain("secret-a", failure.Message);
    }

    private static string Config(Uri server, string user, string cluster) =>
        $$"""
            current-context: lab
            clusters: [{name: lab, cluster: {server: '{{server}}', {{cluster}} } }]
            users: [{name: lab, user: { {{user}} } }]
            contexts: [{name: lab, context: {cluster: lab, user: lab } }]
            """;

    private static AccessOptions Options(string file) => new() { Kubeconfig = file, Environment = static _ => null };

    private KubeClient Client(TlsServer server, string user, string cluster = "tls-server-name: ''")
    {
        _folder.Write("ca.crt", _pki.AuthorityPem);
        return new KubeClient(
            ClusterAccess.Load(Options(Config(server, user, $"certificate-authority: ca.crt, {cluster}")))
        );
    }

    private string Config(TlsServer server, string user, string cluster) =>
        _folder.Write("config", Config(new Uri($"https://127.0.0.1:{server.Port}"), user, cluster));
}
