using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Podfence.Base;
using Podfence.Lab;

namespace Podfence.TestKit;

/// <summary>
/// The lab's API server with what tests want of it: people with different rights, requests by HTTP and by kubectl, a
/// store that is compacted and put back to what it was.
/// </summary>
public sealed class EnvTest : IAsyncDisposable
{
    private readonly ControlPlane _control;
    private readonly HttpClient _http;
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-envtest-").FullName;
    private int _saved;

    private EnvTest(ControlPlane control)
    {
        _control = control;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(control.Certificate);
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

    /// <summary>Where the API server is.</summary>
    public Uri Server => new($"https://{_control.Address}");

    /// <summary>A kubeconfig that may do everything.</summary>
    public string AdminKubeconfig => _control.Kubeconfig;

    /// <summary>Starts it, and waits until it is ready.</summary>
    /// <exception cref="LabException">
    /// There are no programs (<see cref="EnvTestBinaries.SkipReason"/>), or one ended; the message has its last lines.
    /// </exception>
    public static async Task<EnvTest> StartAsync(CancellationToken cancellationToken)
    {
        var control = await ControlPlane
            .StartAsync(
                cancellationToken,
                $"{AdminToken},tester,tester,system:masters",
                $"{AgentToken},agent,agent,{AgentGroup}",
                $"{NobodyToken},nobody,nobody"
            )
            .ConfigureAwait(false);
        var environment = new EnvTest(control);
        try
        {
            await environment.MakeRolesAsync(cancellationToken).ConfigureAwait(false);
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
        var path = At(name);
        _control.WriteKubeconfig(path, user);
        return path;
    }

    /// <summary>A client certificate and its key.</summary>
    public (string Certificate, string Key) SignClient(string user, string group) =>
        ClientAuthority.Issue(Path.GetDirectoryName(_control.Kubeconfig)!, user, group);

    /// <summary>Sends a request as administrator.</summary>
    /// <returns>The answer's body.</returns>
    /// <exception cref="HttpRequestException">It was refused; the message has the body.</exception>
    public async Task<string> SendAsync(
        HttpMethod method,
        string path,
        string? json,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(Server, path));
        if (json is not null)
        {
            request.Content = new StringContent(
                json,
                Encoding.UTF8,
                method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"
            );
        }

        using var answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode
            ? body
            : throw new HttpRequestException(
                $"{method} {path}: {(int)answer.StatusCode}: {body}",
                null,
                answer.StatusCode
            );
    }

    /// <summary>Runs kubectl as administrator.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">
    /// It ended with another code than 0; the message has what it complained of.
    /// </exception>
    public async Task<string> KubectlAsync(
        IEnumerable<string> arguments,
        string? input,
        CancellationToken cancellationToken
    )
    {
        var request = new ProgramRequest(
            _control.Kubectl!,
            ["--kubeconfig=" + AdminKubeconfig, "--cache-dir=" + At("kubectl-cache"), .. arguments]
        )
        {
            Input = Encoding.UTF8.GetBytes(input ?? ""),
            InheritsEnvironment = true,
        };
        var result = await ProgramRunner
            .RunAsync(request, TimeProvider.System, cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.OutputText
            : throw new InvalidOperationException($"kubectl ended with {result.ExitCode}: {result.ErrorText}");
    }

    /// <summary>Kills the API server.</summary>
    public Task StopApiServerAsync() => _control.StopApiServerAsync();

    /// <summary>Starts the API server, and waits until it is ready.</summary>
    public Task StartApiServerAsync(CancellationToken cancellationToken) =>
        _control.StartApiServerAsync(cancellationToken);

    /// <summary>Kills etcd. The API server stays, and has nothing to answer with.</summary>
    public Task StopEtcdAsync() => _control.StopEtcdAsync();

    /// <summary>Starts etcd with what is in its folder.</summary>
    public Task StartEtcdAsync(CancellationToken cancellationToken) => _control.StartEtcdAsync(cancellationToken);

    /// <summary>Makes the store forget all changes so far.</summary>
    public Task CompactAsync(CancellationToken cancellationToken) =>
        EtcdStore.CompactAsync(_control, cancellationToken);

    /// <summary>Keeps the store as it is. Both servers are stopped for that, and started again.</summary>
    /// <returns>For <see cref="RestoreAsync"/>.</returns>
    public async Task<string> SaveAsync(CancellationToken cancellationToken)
    {
        var saved = At($"saved-{(++_saved).ToString(CultureInfo.InvariantCulture)}");
        await RestartAsync(() => EtcdStore.Copy(_control.Data, saved), cancellationToken).ConfigureAwait(false);
        return saved;
    }

    /// <summary>
    /// Puts the store back to what it was, its versions included. Both servers are stopped for that, and started again.
    /// </summary>
    public Task RestoreAsync(string saved, CancellationToken cancellationToken) =>
        RestartAsync(
            () =>
            {
                Directory.Delete(_control.Data, recursive: true);
                EtcdStore.Copy(saved, _control.Data);
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private async Task RestartAsync(Action meanwhile, CancellationToken cancellationToken)
    {
        await StopApiServerAsync().ConfigureAwait(false);
        await StopEtcdAsync().ConfigureAwait(false);
        meanwhile();
        await StartEtcdAsync(cancellationToken).ConfigureAwait(false);
        await StartApiServerAsync(cancellationToken).ConfigureAwait(false);
    }

    // The least that an agent needs, so that a request for more is found out here.
    private async Task MakeRolesAsync(CancellationToken cancellationToken)
    {
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1/";
        await SendAsync(
                HttpMethod.Post,
                Rbac + "clusterroles",
                """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"podfence-agent"},"rules":[
                {"apiGroups":[""],"resources":["pods","namespaces","nodes"],"verbs":["list","watch"]},
                {"apiGroups":["networking.k8s.io"],"resources":["networkpolicies"],"verbs":["list","watch"]},
                {"apiGroups":[""],"resources":["events"],"verbs":["create"]}]}
                """,
                cancellationToken
            )
            .ConfigureAwait(false);
        await SendAsync(
                HttpMethod.Post,
                Rbac + "clusterrolebindings",
                $$"""
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"podfence-agent"},
                "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"podfence-agent"},
                "subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"{{AgentGroup}}"}]}
                """,
                cancellationToken
            )
            .ConfigureAwait(false);
    }
}
