using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Podfence.TestKit;

/// <summary>
/// A real etcd and a real kube-apiserver, on ports of the loopback interface, with data of their own that are gone at the end. There are no controllers: namespaces are made as
/// objects, pods stay as they are posted. Either server can be stopped and started, the store compacted and put back to what it was.
/// </summary>
public sealed class EnvTest : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly TestPki _pki = new();
    private readonly int _etcdPort = ServerProcess.FreePort();
    private readonly int _peerPort = ServerProcess.FreePort();
    private readonly int _port = ServerProcess.FreePort();
    private readonly HttpClient _http;

    // etcd refuses who shows a token that is not its own.
    private readonly HttpClient _plain = new(new SocketsHttpHandler { UseProxy = false });
    private ServerProcess? _etcd;
    private ServerProcess? _api;
    private int _saved;

    private EnvTest(string folder)
    {
        Folder = folder;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(_pki.AuthorityPem);
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = policy;
        _http = new HttpClient(handler);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
    }

    /// <summary>A token that may do everything.</summary>
    public const string AdminToken = "admin-token";

    /// <summary>A token that may do what the agent's role allows.</summary>
    public const string AgentToken = "agent-token";

    /// <summary>A token of somebody who may do nothing.</summary>
    public const string NobodyToken = "nobody-token";

    /// <summary>The group that has the agent's role, for certificates (<c>O=...</c>).</summary>
    public const string AgentGroup = "podfence:agents";

    /// <summary>Everything of it.</summary>
    public string Folder { get; }

    /// <summary>Where the API server is.</summary>
    public Uri Server => new($"https://127.0.0.1:{_port}");

    /// <summary>A kubeconfig that may do everything.</summary>
    public string AdminKubeconfig => Path.Combine(Folder, "admin.kubeconfig");

    /// <summary>Starts both, and waits until they are ready.</summary>
    /// <exception cref="InvalidOperationException">There are no programs (<see cref="EnvTestBinaries.SkipReason"/>), or one ended; the message has its last lines.</exception>
    public static async Task<EnvTest> StartAsync(CancellationToken cancellationToken)
    {
        // Where files are memory, a store that writes through is no slower than one that does not.
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var folder = Path.Combine(root, $"podfence-envtest-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8)}");
        Directory.CreateDirectory(folder);
        var environment = new EnvTest(folder);
        try
        {
            environment.WriteFiles();
            await environment.StartEtcdAsync(cancellationToken).ConfigureAwait(false);
            await environment.StartApiServerAsync(cancellationToken).ConfigureAwait(false);
            await environment.MakeRolesAsync(cancellationToken).ConfigureAwait(false);
            await environment.AwaitDefaultNamespaceAsync(cancellationToken).ConfigureAwait(false);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes a kubeconfig.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="user">The fields of the user, in flow style: <c>token: x</c>.</param>
    /// <returns>Its path.</returns>
    public string WriteKubeconfig(string name, string user)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            current-context: envtest
            clusters:
            - name: envtest
              cluster:
                server: {Server}
                certificate-authority: ca.crt
            users:
            - name: user
              user: {"{"}{user}{"}"}
            contexts:
            - name: envtest
              context: {"{"}cluster: envtest, user: user{"}"}
            """);
        return path;
    }

    /// <summary>A client certificate and its key.</summary>
    public (string Certificate, string Key) SignClient(string subject) => _pki.Sign(subject);

    /// <summary>Sends a request as administrator.</summary>
    /// <returns>The answer's body.</returns>
    /// <exception cref="HttpRequestException">It was refused; the message has the body.</exception>
    public async Task<string> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server, path));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        using var answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? body : throw new HttpRequestException($"{method} {path}: {(int)answer.StatusCode}: {body}", null, answer.StatusCode);
    }

    /// <summary>Runs kubectl as administrator.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message has what it complained of.</exception>
    public async Task<string> KubectlAsync(IEnumerable<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(EnvTestBinaries.PathOf("kubectl")) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--kubeconfig=" + AdminKubeconfig);
        start.ArgumentList.Add("--cache-dir=" + Path.Combine(Folder, "kubectl-cache"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode == 0
            ? await output.ConfigureAwait(false)
            : throw new InvalidOperationException($"kubectl ended with {process.ExitCode}: {await errors.ConfigureAwait(false)}");
    }

    /// <summary>Kills the API server.</summary>
    public void StopApiServer()
    {
        _api?.Dispose();
        _api = null;
    }

    /// <summary>Starts the API server, and waits until it is ready.</summary>
    public async Task StartApiServerAsync(CancellationToken cancellationToken)
    {
        _api = new ServerProcess(EnvTestBinaries.PathOf("kube-apiserver"),
        [
            $"--etcd-servers=http://127.0.0.1:{_etcdPort}", "--etcd-compaction-interval=0", "--bind-address=127.0.0.1", $"--secure-port={_port}",
            $"--cert-dir={Path.Combine(Folder, "api")}", $"--tls-cert-file={At("api.crt")}", $"--tls-private-key-file={At("api.key")}", $"--client-ca-file={At("ca.crt")}",
            $"--token-auth-file={At("tokens.csv")}", "--authorization-mode=RBAC", "--service-account-issuer=https://envtest", $"--service-account-signing-key-file={At("sa.key")}",
            $"--service-account-key-file={At("sa.key")}", "--service-cluster-ip-range=10.96.0.0/24", "--endpoint-reconciler-type=none", "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true", "--profiling=false",
        ]);
        await ReadyAsync(_api, "kube-apiserver", $"https://127.0.0.1:{_port}/readyz", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills etcd. The API server stays, and has nothing to answer with.</summary>
    public void StopEtcd()
    {
        _etcd?.Dispose();
        _etcd = null;
    }

    /// <summary>Starts etcd with what is in its folder.</summary>
    public async Task StartEtcdAsync(CancellationToken cancellationToken)
    {
        var peer = $"http://127.0.0.1:{_peerPort}";
        _etcd = new ServerProcess(EnvTestBinaries.PathOf("etcd"),
        [
            "--name=envtest", $"--data-dir={At("etcd")}", $"--listen-client-urls=http://127.0.0.1:{_etcdPort}", $"--advertise-client-urls=http://127.0.0.1:{_etcdPort}",
            $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}", $"--initial-cluster=envtest={peer}",
        ]);
        await ReadyAsync(_etcd, "etcd", $"http://127.0.0.1:{_etcdPort}/health", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the store forget all changes so far.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        using var status = JsonDocument.Parse(await EtcdAsync("maintenance/status", "{}", cancellationToken).ConfigureAwait(false));
        var revision = status.RootElement.GetProperty("header").GetProperty("revision").GetString();
        await EtcdAsync("kv/compaction", $$"""{"revision":"{{revision}}","physical":true}""", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps the store as it is. Both servers are stopped for that, and started again.</summary>
    /// <returns>For <see cref="RestoreAsync"/>.</returns>
    public async Task<string> SaveAsync(CancellationToken cancellationToken)
    {
        var saved = At($"saved-{(++_saved).ToString(CultureInfo.InvariantCulture)}");
        StopApiServer();
        StopEtcd();
        Copy(At("etcd"), saved);
        await StartEtcdAsync(cancellationToken).ConfigureAwait(false);
        await StartApiServerAsync(cancellationToken).ConfigureAwait(false);
        return saved;
    }

    /// <summary>Puts the store back to what it was, its versions included. Both servers are stopped for that, and started again.</summary>
    public async Task RestoreAsync(string saved, CancellationToken cancellationToken)
    {
        StopApiServer();
        StopEtcd();
        Directory.Delete(At("etcd"), recursive: true);
        Copy(saved, At("etcd"));
        await StartEtcdAsync(cancellationToken).ConfigureAwait(false);
        await StartApiServerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        StopApiServer();
        StopEtcd();
        _http.Dispose();
        _plain.Dispose();
        _pki.Dispose();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private string At(string name) => Path.Combine(Folder, name);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void WriteFiles()
    {
        var (certificate, key) = _pki.Sign("CN=kube-apiserver", "127.0.0.1", "localhost");
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(At("ca.crt"), _pki.AuthorityPem);
        File.WriteAllText(At("api.crt"), certificate);
        File.WriteAllText(At("api.key"), key);
        File.WriteAllText(At("sa.key"), signing.ExportECPrivateKeyPem());
        File.WriteAllText(At("tokens.csv"), $"{AdminToken},admin,1,system:masters\n{AgentToken},agent,2,{AgentGroup}\n{NobodyToken},nobody,3\n");
        WriteKubeconfig("admin.kubeconfig", $"token: {AdminToken}");
    }

    // The least that an agent needs, so that a request for more is found out here.
    private async Task MakeRolesAsync(CancellationToken cancellationToken)
    {
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1/";
        await SendAsync(HttpMethod.Post, Rbac + "clusterroles", """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"podfence-agent"},"rules":[
            {"apiGroups":[""],"resources":["pods","namespaces","nodes"],"verbs":["list","watch"]},
            {"apiGroups":["networking.k8s.io"],"resources":["networkpolicies"],"verbs":["list","watch"]},
            {"apiGroups":[""],"resources":["events"],"verbs":["create"]}]}
            """, cancellationToken).ConfigureAwait(false);
        await SendAsync(HttpMethod.Post, Rbac + "clusterrolebindings", $$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"podfence-agent"},
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"podfence-agent"},
            "subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"{{AgentGroup}}"}]}
            """, cancellationToken).ConfigureAwait(false);
    }

    // The server makes it some time after it is ready.
    private async Task AwaitDefaultNamespaceAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await SendAsync(HttpMethod.Get, "/api/v1/namespaces/default", null, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException fault) when (fault.StatusCode == HttpStatusCode.NotFound && TimeProvider.System.GetElapsedTime(began) < s_patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> EtcdAsync(string path, string json, CancellationToken cancellationToken)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _plain.PostAsync(new Uri($"http://127.0.0.1:{_etcdPort}/v3/{path}"), content, cancellationToken).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadyAsync(ServerProcess server, string name, string address, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(address, cancellationToken).ConfigureAwait(false))
        {
            if (server.HasExited || TimeProvider.System.GetElapsedTime(began) > s_patience)
            {
                throw new InvalidOperationException($"{name} {(server.HasExited ? "ended" : "is not ready")}; its last lines:\n{server.Log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsReadyAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
