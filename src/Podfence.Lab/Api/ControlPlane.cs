using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Podfence.Base;
using Podfence.Kubernetes;

namespace Podfence.Lab;

/// <summary>
/// A real API server on this machine's loopback address: etcd and kube-apiserver as processes, with a folder of their own that goes with them. No kubelet, no controller, no
/// scheduler: objects are what is posted, and nothing happens to them.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly string _programs;
    private readonly string _folder;
    private readonly int _etcdPort;
    private readonly bool _needsDualStackGate;
    private ServerProcess? _etcd;
    private ServerProcess? _api;

    private ControlPlane(string programs, string folder, bool needsDualStackGate)
    {
        _programs = programs;
        _folder = folder;
        _needsDualStackGate = needsDualStackGate;
        var ports = LoopbackPorts.Free(3);
        (_etcdPort, Address, EtcdPeerPort) = (ports[0], new IPEndPoint(IPAddress.Loopback, ports[1]), ports[2]);
    }

    /// <summary>Where the API server listens; the same after a restart.</summary>
    public IPEndPoint Address { get; }

    /// <summary>A kubeconfig with every right. kubectl takes it.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <summary>The server's certificate, which is its own authority.</summary>
    public string Certificate => Path.Combine(_folder, "certs", "apiserver.crt");

    /// <summary>The file of static tokens (token,user,uid,groups); read when the API server starts.</summary>
    public string Tokens => Path.Combine(_folder, "tokens.csv");

    /// <summary>Etcd's data. To be touched only while etcd is stopped.</summary>
    public string Data => Path.Combine(_folder, "etcd");

    /// <summary>kubectl, or null where the folder of programs has none.</summary>
    public string? Kubectl => File.Exists(Path.Combine(_programs, "kubectl")) ? Path.Combine(_programs, "kubectl") : null;

    /// <summary>The program etcd, for its own tools.</summary>
    public Uri Etcd => new($"http://127.0.0.1:{_etcdPort}");

    private int EtcdPeerPort { get; }

    /// <summary>
    /// Where etcd and kube-apiserver are: the folder that <c>KUBEBUILDER_ASSETS</c> names, or what <c>make envtest</c> has built. Null where there is neither.
    /// </summary>
    public static string? FindPrograms()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } assets ? Path.GetFullPath(assets) : Path.Combine(cache, "podfence", "envtest", "bin");
        return File.Exists(Path.Combine(folder, "etcd")) && File.Exists(Path.Combine(folder, "kube-apiserver")) ? folder : null;
    }

    /// <summary>Starts both and waits until the API server is ready.</summary>
    /// <param name="cancel">Gives up; nothing is left.</param>
    /// <param name="tokens">Lines for <see cref="Tokens"/> beside that of the administrator.</param>
    /// <exception cref="LabException">The programs are not there, or do not come up; the message has their last words.</exception>
    public static async Task<ControlPlane> StartAsync(CancellationToken cancel, params IReadOnlyList<string> tokens)
    {
        var programs = FindPrograms() ?? throw new LabException(
            LabError.ToolMissing, "etcd and kube-apiserver not found: run 'make envtest' in the Podfence source tree, or set KUBEBUILDER_ASSETS to a directory that has them");
        var folder = Directory.CreateTempSubdirectory("podfence-api-").FullName;
        var control = new ControlPlane(programs, folder, await NeedsDualStackGateAsync(programs, cancel));
        try
        {
            control.WriteFiles(tokens);
            await control.StartEtcdAsync(cancel);
            await control.StartApiServerAsync(cancel);
            return control;
        }
        catch
        {
            await control.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts etcd and waits until it answers.</summary>
    /// <exception cref="LabException">It does not come up.</exception>
    public async Task StartEtcdAsync(CancellationToken cancel)
    {
        _etcd = ServerProcess.Start(Path.Combine(_programs, "etcd"), Path.Combine(_folder, "etcd.log"),
        [
            "--data-dir", Data, "--listen-client-urls", Etcd.ToString().TrimEnd('/'), "--advertise-client-urls", Etcd.ToString().TrimEnd('/'),
            "--listen-peer-urls", $"http://127.0.0.1:{EtcdPeerPort}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{EtcdPeerPort}", "--initial-cluster", $"default=http://127.0.0.1:{EtcdPeerPort}",
        ]);
        using var http = new HttpClient();
        await _etcd.UntilAsync(async () => (await http.GetStringAsync(new Uri(Etcd, "health"), cancel)).Contains("true", StringComparison.Ordinal), s_patience, cancel);
    }

    /// <summary>Starts the API server and waits until it is ready.</summary>
    /// <exception cref="LabException">It does not come up.</exception>
    public async Task StartApiServerAsync(CancellationToken cancel)
    {
        List<string> arguments =
        [
            "--etcd-servers", Etcd.ToString().TrimEnd('/'), "--bind-address", "127.0.0.1", "--secure-port", $"{Address.Port}", "--cert-dir", Path.Combine(_folder, "certs"),
            "--token-auth-file", Tokens, "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.96.0.0/16",
            "--service-account-issuer", "https://podfence.invalid", "--service-account-key-file", Path.Combine(_folder, "sa.pub"),
            "--service-account-signing-key-file", Path.Combine(_folder, "sa.key"), "--client-ca-file", Path.Combine(_folder, "clients.crt"),
            "--disable-admission-plugins", "ServiceAccount", "--watch-cache=true",
        ];
        if (_needsDualStackGate)
        {
            arguments.AddRange(["--feature-gates", "IPv6DualStack=true", "--insecure-port", "0"]);
        }

        _api = ServerProcess.Start(Path.Combine(_programs, "kube-apiserver"), Path.Combine(_folder, "kube-apiserver.log"), arguments);
        await _api.UntilAsync(() => IsReadyAsync(cancel), s_patience, cancel);
    }

    /// <summary>Ends etcd at once, as a crash does.</summary>
    public Task StopEtcdAsync() => _etcd?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Ends the API server at once, as a crash does.</summary>
    public Task StopApiServerAsync() => _api?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Ends both and removes their folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopApiServerAsync();
        await StopEtcdAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Both families for one pod: an option until 1.22, and always there since, when the flag is an error.
    private static async Task<bool> NeedsDualStackGateAsync(string programs, CancellationToken cancel)
    {
        var result = await ProgramRunner.RunAsync(new ProgramRequest(Path.Combine(programs, "kube-apiserver"), ["--version"]), TimeProvider.System, cancel);
        var parts = result.OutputText.Trim().Split('v')[^1].Split('.');
        return parts.Length > 1 && parts[0] == "1" && int.TryParse(parts[1], out var minor) && minor <= 22;
    }

    // The server makes its certificate itself when it starts, so the way to it cannot be read before; and the namespaces that are always there come after it says that it is ready.
    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        using var client = new KubeClient(ClusterAccess.Load(new AccessOptions { Kubeconfig = Kubeconfig }));
        await client.GetAsync("/readyz", cancel);
        await client.GetAsync("/api/v1/namespaces/kube-public", cancel);
        return true;
    }

    private void WriteFiles(IReadOnlyList<string> tokens)
    {
        using (var key = RSA.Create(2048))
        {
            File.WriteAllText(Path.Combine(_folder, "sa.key"), key.ExportRSAPrivateKeyPem());
            File.WriteAllText(Path.Combine(_folder, "sa.pub"), key.ExportSubjectPublicKeyInfoPem());
        }

        ClientAuthority.Write(_folder);
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        File.WriteAllLines(Tokens, [$"{token},admin,admin,\"system:masters\"", .. tokens]);
        WriteKubeconfig(Kubeconfig, $"token: {token}");
    }

    /// <summary>Writes a kubeconfig for this server.</summary>
    /// <param name="path">Where.</param>
    /// <param name="user">The user's fields, as YAML within braces.</param>
    public void WriteKubeconfig(string path, string user) => File.WriteAllText(path, $$"""
        apiVersion: v1
        kind: Config
        current-context: lab
        clusters:
        - name: lab
          cluster: {server: "https://{{Address}}", certificate-authority: "{{Certificate}}"}
        users:
        - name: lab
          user: {{{user}}}
        contexts:
        - name: lab
          context: {cluster: lab, user: lab}
        """);
}
