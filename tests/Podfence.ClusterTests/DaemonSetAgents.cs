using System.Text.Json;
using Podfence.Cli;
using Podfence.Dataplane;

namespace Podfence.ClusterTests;

/// <summary>
/// Runs agents as the DaemonSet of deploy/podfence.yaml has them run, by the part of it that a container runtime sees:
/// environment, arguments, security context, mounts and the service account. Probes, the memory limit and resolv.conf,
/// which are the kubelet's part, are not there.
/// </summary>
internal sealed class DaemonSetAgents(Containerd containerd, string image, Func<string, DataplaneKind> dataplane)
{
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string TokenPath = "/api/v1/namespaces/kube-system/serviceaccounts/podfence/token";
    private const string TokenRequest = """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        """;

    // What containerd gives a container by itself.
    private static readonly string[] s_defaultCapabilities =
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];

    private JsonElement? _container;

    /// <summary>The name of a node's container.</summary>
    public static string NameOn(string node) => $"agent-{node}";

    /// <summary>What runs the agent of a node. The first call applies the manifest to the server.</summary>
    public IReadOnlyList<string> Command(string node, string kubeconfig, string socket)
    {
        var container = _container ??= ApplyAsync(kubeconfig).GetAwaiter().GetResult();
        return containerd.RunCommand(
            image,
            NameOn(node),
            [
                .. SecurityOptions(container.GetProperty("securityContext"), dataplane(node)),
                .. MountOptions(container, socket),
                .. EnvironmentOptions(container, node, kubeconfig, socket),
            ],
            ["/usr/local/bin/podfence", .. Texts(container.GetProperty("args"))]
        );
    }

    private static IEnumerable<string> Texts(JsonElement list) =>
        list.EnumerateArray().Select(static item => item.GetString()!);

    private static IEnumerable<string> SecurityOptions(JsonElement context, DataplaneKind kind)
    {
        Assert.Equal(0, context.GetProperty("runAsUser").GetInt32());
        Assert.False(context.GetProperty("privileged").GetBoolean());
        Assert.False(context.GetProperty("allowPrivilegeEscalation").GetBoolean());
        Assert.True(context.GetProperty("readOnlyRootFilesystem").GetBoolean());
        Assert.Equal("RuntimeDefault", context.GetProperty("seccompProfile").GetProperty("type").GetString());
        Assert.Equal(["ALL"], Texts(context.GetProperty("capabilities").GetProperty("drop")));
        List<string> added = [.. Texts(context.GetProperty("capabilities").GetProperty("add"))];
        if (kind != DataplaneKind.Nftables)
        {
            // As the chart does for this dataplane.
            added.Add("NET_RAW");
        }

        return
        [
            "--read-only",
            "--seccomp",
            .. s_defaultCapabilities.Except(added).SelectMany(static name => (string[])["--cap-drop", $"CAP_{name}"]),
            .. added.Except(s_defaultCapabilities).SelectMany(static name => (string[])["--cap-add", $"CAP_{name}"]),
        ];
    }

    private IEnumerable<string> MountOptions(JsonElement container, string socket)
    {
        var mounts = container
            .GetProperty("volumeMounts")
            .EnumerateArray()
            .Select(static mount => mount.GetProperty("mountPath").GetString());
        Assert.Equal(["/run/podfence", "/run/xtables.lock"], mounts);
        var xtablesLock = Path.Combine(containerd.Folder, "xtables.lock");
        File.AppendAllText(xtablesLock, "");
        return
        [
            "--mount",
            $"type=bind,src={Path.GetDirectoryName(socket)},dst=/run/podfence,options=rbind:rw",
            "--mount",
            $"type=bind,src={xtablesLock},dst=/run/xtables.lock,options=bind:rw",
            "--mount",
            $"type=bind,src={AccountOnHost},dst={AccountFolder},options=rbind:ro",
        ];
    }

    private IEnumerable<string> EnvironmentOptions(JsonElement container, string node, string kubeconfig, string socket)
    {
        var environment = container
            .GetProperty("env")
            .EnumerateArray()
            .ToDictionary(
                static item => item.GetProperty("name").GetString()!,
                static item => item.TryGetProperty("value", out var value) ? value.GetString()! : "",
                StringComparer.Ordinal
            );
        Assert.Equal("", environment["PODFENCE_NODE_NAME"]);
        environment["PODFENCE_NODE_NAME"] = node;
        environment["PODFENCE_DATAPLANE"] = new EnumWord<DataplaneKind>(dataplane(node)).ToString();
        environment["PODFENCE_STATUS_SOCKET"] = $"/run/podfence/{Path.GetFileName(socket)}";
        var texts = File.ReadAllText(kubeconfig).Split('"');
        var server = new Uri(texts.Single(static text => text.StartsWith("https:", StringComparison.Ordinal)));
        environment["KUBERNETES_SERVICE_HOST"] = server.Host;
        environment["KUBERNETES_SERVICE_PORT"] = $"{server.Port}";
        return environment.SelectMany(static pair => (string[])["--env", $"{pair.Key}={pair.Value}"]);
    }

    private string AccountOnHost => Path.Combine(containerd.Folder, "account");

    private async Task<JsonElement> ApplyAsync(string kubeconfig)
    {
        Task<string> KubectlAsync(string input, params string[] arguments) =>
            LiveCluster.KubectlAsync(kubeconfig, input, arguments);

        await KubectlAsync("", "apply", "-f", Repository.Find("deploy", "podfence.yaml"));
        using var daemonSet = JsonDocument.Parse(
            await KubectlAsync("", "-n", "kube-system", "get", "daemonset", "podfence", "-o", "json")
        );
        using var token = JsonDocument.Parse(await KubectlAsync(TokenRequest, "create", "--raw", TokenPath, "-f", "-"));
        Directory.CreateDirectory(AccountOnHost);
        var secret = token.RootElement.GetProperty("status").GetProperty("token").GetString();
        await File.WriteAllTextAsync(Path.Combine(AccountOnHost, "token"), secret);
        var authority = Path.Combine(Path.GetDirectoryName(kubeconfig)!, "certs", "apiserver.crt");
        File.Copy(authority, Path.Combine(AccountOnHost, "ca.crt"));
        var pod = daemonSet.RootElement.GetProperty("spec").GetProperty("template").GetProperty("spec");
        Assert.True(pod.GetProperty("hostNetwork").GetBoolean());
        return Assert.Single(pod.GetProperty("containers").EnumerateArray()).Clone();
    }
}
