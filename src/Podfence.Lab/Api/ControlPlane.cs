using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Podfence.Base;
using Podfence.Kubernetes;

namespace Podfence.Lab;

/// <summary>
/// A real API server on this machine's loopback address: processes of etcd and kube-apiserver with a temporary
/// directory. Without kubelet, controllers and scheduler, objects stay as they were written.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);
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

    /// <summary>The address of the API server; the same after a restart.</summary>
    public IPEndPoint Address { get; }

    /// <summary>A kubeconfig of an administrator, for kubectl too.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <summary>The server's self-signed certificate.</summary>
    public string Certificate => Path.Combine(_folder, "certs", "apiserver.crt");

    /// <summary>The file of static tokens (token,user,uid,groups); read when the API server starts.</summary>
    public string Tokens => Path.Combine(_folder, "tokens.csv");

    /// <summary>The data directory of etcd. Must not be changed while etcd runs.</summary>
    public string Data => Path.Combine(_folder, "etcd");

    /// <summary>The path of kubectl, or null if it is not available.</summary>
    public string? Kubectl =>
        File.Exists(Path.Combine(_programs, "kubectl")) ? Path.Combine(_programs, "kubectl") : null;

    /// <summary>The client URL of etcd.</summary>
    public Uri Etcd => new($"http://127.0.0.1:{_etcdPort}");

    private int EtcdPeerPort { get; }

    /// <summary>
    /// The directory of etcd and kube-apiserver: <c>KUBEBUILDER_ASSETS</c>, or what <c>make envtest</c> has built. Null
    /// if there is neither.
    /// </summary>
    public static string? FindPrograms()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } assets
            ? Path.GetFullPath(assets)
            : Path.Combine(cache, "podfence", "envtest", "bin");
        return File.Exists(Path.Combine(folder, "etcd")) && File.Exists(Path.Combine(folder, "kube-apiserver"))
            ? folder
            : null;
    }

    /// <summary>Starts both and waits until the API server is ready.</summary>
    /// <param name="cancel">Stops the start and removes everything.</param>
    /// <param name="tokens">Further lines for <see cref="Tokens"/>.</param>
    /// <exception cref="LabException">
    /// The programs are not installed or fail; the message has the end of their log.
    /// </exception>
    public static async Task<ControlPlane> StartAsync(CancellationToken cancel, params IReadOnlyList<string> tokens)
    {
        var programs = FindPrograms()
            ?? throw new LabException(
                LabError.ToolMissing,
                "etcd and kube-apiserver not found: run 'make envtest' in the Podfence source tree, or set "
                    + "KUBEBUILDER_ASSETS to a directory that has them"
            );
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

    /// <summary>Starts etcd and waits until it is ready.</summary>
    /// <exception cref="LabException">It fails to start.</exception>
    public async Task StartEtcdAsync(CancellationToken cancel)
    {
        _etcd = ServerProcess.Start(
            Path.Combine(_programs, "etcd"),
            Path.Combine(_folder, "etcd.log"),
            [
                "--data-dir",
                Data,
                "--listen-client-urls",
                Etcd.ToString().TrimEnd('/'),
                "--advertise-client-urls",
                Etcd.ToString().TrimEnd('/'),
                "--listen-peer-urls",
                $"http://127.0.0.1:{EtcdPeerPort}",
                "--initial-advertise-peer-urls",
                $"http://127.0.0.1:{EtcdPeerPort}",
                "--initial-cluster",
                $"default=http://127.0.0.1:{EtcdPeerPort}",
            ]
        );
        using var http = new HttpClient();
        await _etcd.WaitUntilReadyAsync(
            async () =>
                (await http.GetStringAsync(new Uri(Etcd, "health"), cancel)).Contains("true", StringComparison.Ordinal),
            s_timeout,
            cancel
        );
    }

    /// <summary>Starts the API server and waits until it is ready.</summary>
    /// <exception cref="LabException">It fails to start.</exception>
    public async Task StartApiServerAsync(CancellationToken cancel)
    {
        List<string> arguments =
        [
            "--etcd-servers",
            Etcd.ToString().TrimEnd('/'),
            "--bind-address",
            "127.0.0.1",
            "--secure-port",
            $"{Address.Port}",
            "--cert-dir",
            Path.Combine(_folder, "certs"),
            "--token-auth-file",
            Tokens,
            "--authorization-mode",
            "RBAC",
            "--service-cluster-ip-range",
            "10.96.0.0/16",
            "--service-account-issuer",
            "https://podfence.invalid",
            "--service-account-key-file",
            Path.Combine(_folder, "sa.pub"),
            "--service-account-signing-key-file",
            Path.Combine(_folder, "sa.key"),
            "--client-ca-file",
            Path.Combine(_folder, "clients.crt"),
            "--disable-admission-plugins",
            "ServiceAccount",
            "--watch-cache=true",
        ];
        if (_needsDualStackGate)
        {
            arguments.AddRange(["--feature-gates", "IPv6DualStack=true", "--insecure-port", "0"]);
        }

        _api = ServerProcess.Start(
            Path.Combine(_programs, "kube-apiserver"),
            Path.Combine(_folder, "kube-apiserver.log"),
            arguments
        );
        await _api.WaitUntilReadyAsync(() => IsReadyAsync(cancel), s_timeout, cancel);
    }

    /// <summary>Kills etcd, as in a crash.</summary>
    public Task StopEtcdAsync() => _etcd?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Kills the API server, as in a crash.</summary>
    public Task StopApiServerAsync() => _api?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Kills both and removes their directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopApiServerAsync();
        await StopEtcdAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Dual-stack pods need a feature gate until 1.22; later versions reject the flag.
    private static async Task<bool> NeedsDualStackGateAsync(string programs, CancellationToken cancel)
    {
        var result = await ProgramRunner.RunAsync(
            new ProgramRequest(Path.Combine(programs, "kube-apiserver"), ["--version"]),
            TimeProvider.System,
            cancel
        );
        var parts = result.OutputText.Trim().Split('v')[^1].Split('.');
        return parts.Length > 1 && parts[0] == "1" && int.TryParse(parts[1], out var minor) && minor <= 22;
    }

    // The server creates its certificate at its start, so the kubeconfig cannot be loaded earlier. It creates the
    // standard namespaces only after it reports that it is ready.
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
    /// <param name="path">The file to write.</param>
    /// <param name="user">The fields of the user, as a YAML flow mapping without braces.</param>
    public void WriteKubeconfig(string path, string user) =>
        File.WriteAllText(
            path,
            $$"""
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
            """
        );
}
